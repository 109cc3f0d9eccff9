#include "tools/target.h"

#include "tools/preload.h"
#include "tools/privilege.h"
#include "tools/script.h"
#include "tools/search.h"
#include "tools/target_platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SCRIPTS_MAX = 5 }; /* scripts run by scripts: the kernel stops there, too (exec_binprm) */

bool target_refuse(struct target *target, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(target->reason, sizeof target->reason, format, arguments);
    va_end(arguments);
    return false;
}

/* From a script to what interprets it. */
static bool follow(const struct script *script, struct target *target)
{
    snprintf(target->file, sizeof target->file, "%s", script->interpreter);
    if (!script->program[0])
        return true;
    if (!target_passes_on(script->interpreter, target))
        return false;
    if (script->clears_environment)
        return target_refuse(target, "removes %s from the environment", preload_way.variable);
    if (search_program(script->program, target->file) == SEARCH_FOUND)
        return true;
    return target_refuse(target, "%s: %s", script->program, strerror(errno));
}

enum step { STEP_REFUSED = 0, STEP_FOLLOWED, STEP_PROGRAM };

/* One step: is `target->file` a script? */
static enum step step(int fd, struct target *target)
{
    char line[SCRIPT_LINE_SIZE];
    struct script script;
    const ssize_t length = fd < 0 ? -1 : pread(fd, line, sizeof line, 0);
    if (length < 0) {
        (void)target_refuse(target, "can't be read: %s", strerror(errno));
        return STEP_REFUSED;
    }
    switch (script_parse(line, (size_t)length, &script)) {
    case SCRIPT_NONE:
        return STEP_PROGRAM;
    case SCRIPT_OK:
        return follow(&script, target) ? STEP_FOLLOWED : STEP_REFUSED;
    case SCRIPT_BAD:
        break;
    }
    (void)target_refuse(target, "its #! line names no interpreter");
    return STEP_REFUSED;
}

static int open_file(const struct target *target)
{
    return open(target->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

bool target_follow(const char *path, struct target *target)
{
    *target = (struct target){0};
    if (snprintf(target->file, sizeof target->file, "%s", path) >= PATH_MAX)
        return target_refuse(target, "%s", strerror(ENAMETOOLONG));
    for (int i = 0; i <= SCRIPTS_MAX; i++) {
        const int fd = open_file(target);
        const enum step next = step(fd, target);
        if (fd >= 0)
            close(fd);
        if (next != STEP_FOLLOWED)
            return next == STEP_PROGRAM;
    }
    return target_refuse(target, "too many scripts that interpret scripts");
}

void target_inspect(const char *path, struct target *target)
{
    if (!target_follow(path, target))
        return;
    const int fd = open_file(target);
    if (fd < 0) {
        (void)target_refuse(target, "can't be read: %s", strerror(errno));
        return;
    }
    target_inspect_running(fd, target);
    const char *raised = privilege_raised(fd);
    if (raised && target->loader[0])
        target->protectable = target_refuse(target, "%s", raised);
    close(fd);
}
