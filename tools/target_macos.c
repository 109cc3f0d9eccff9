#include "tools/macho_file.h"
#include "tools/macho_target.h"
#include "tools/target_platform.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char ignored[] = "protected by System Integrity Protection: dyld ignores DYLD_INSERT_LIBRARIES";

bool target_has_own_loader(const struct target *target)
{
    (void)target;
    return true; /* there is one dyld */
}

/* The mark that the system gives its own, wherever they lie; there is no way to it without that. */
static bool is_restricted(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && status.st_flags & SF_RESTRICTED;
}

void target_inspect_running(int fd, struct target *target)
{
    const char *refusal;
    if (!macho_target_look(fd, target, &refusal)) {
        (void)target_refuse(target, "not an executable this machine can run");
        return;
    }
    snprintf(target->loader, sizeof target->loader, "/usr/lib/dyld");
    if (!refusal && is_restricted(fd))
        refusal = ignored;
    if (refusal)
        (void)target_refuse(target, "%s", refusal);
    else if (target->tls)
        (void)target_refuse(target, "TLS built in: %s", target->tls);
    else
        target->protectable = true;
}

/* Of a program that System Integrity Protection covers the kernel takes every variable DYLD_... away: what it
 * starts never gets them, either. */
bool target_passes_on(const char *interpreter, struct target *target)
{
    struct target passing = {0};
    const char *refusal = NULL;
    snprintf(passing.file, sizeof passing.file, "%s", interpreter);
    const int fd = open(interpreter, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const bool passes =
        fd >= 0 && macho_target_look(fd, &passing, &refusal) && !refusal && !is_restricted(fd);
    if (fd >= 0)
        close(fd);
    return passes || target_refuse(target, "started by %s: %s", interpreter, refusal ? refusal : ignored);
}
