#include "tools/target.h"

#include "tools/builtin_tls.h"
#include "tools/privilege.h"
#include "tools/script.h"
#include "tools/search.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SCRIPTS_MAX = 5 }; /* scripts run by scripts: the kernel stops there, too (exec_binprm) */

static bool refuse(struct target *target, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool refuse(struct target *target, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(target->reason, sizeof target->reason, format, arguments);
    va_end(arguments);
    return false;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* dl_iterate_phdr tells of the executable first. */
static int note_loader(struct dl_phdr_info *info, size_t size, void *loader)
{
    (void)size;
    for (unsigned i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_INTERP)
            *(const char **)loader = (const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
    return 1;
}

/* The shim is made for the C library of this very program: another one's loader can't load it. */
static bool same_loader(const char *loader)
{
    const char *own = NULL;
    dl_iterate_phdr(note_loader, &own);
    return own && strcmp(base_name(own), base_name(loader)) == 0;
}

static bool inspect_elf(const struct elf_file *elf, struct target *target)
{
    const char *loader = elf_loader(elf), *tls = builtin_tls(elf);
    if (loader && snprintf(target->loader, sizeof target->loader, "%s", loader) >= PATH_MAX)
        return refuse(target, "not an executable this machine can run");
    if (tls)
        return refuse(target, "TLS built in: %s", tls);
    if (!target->loader[0])
        return refuse(target, "statically linked");
    if (!same_loader(loader))
        return refuse(target, "made for another C library, whose loader is %s", loader);
    return true;
}

static bool inspect_executable(int fd, struct target *target)
{
    struct elf_file elf;
    switch (elf_open(&elf, fd)) {
    case ELF_NOT_ELF:
    case ELF_MALFORMED:
        return refuse(target, "not an executable this machine can run");
    case ELF_FOREIGN:
        return refuse(target, "for another architecture");
    case ELF_OK:
        break;
    }
    const char *raised = privilege_raised(fd);
    const bool protectable = raised ? refuse(target, "%s", raised) : inspect_elf(&elf, target);
    elf_close(&elf);
    return protectable;
}

/* From a script to what interprets it. */
static bool follow(const struct script *script, struct target *target)
{
    snprintf(target->file, sizeof target->file, "%s", script->interpreter);
    if (!script->program[0])
        return true;
    if (script->clears_environment)
        return refuse(target, "removes LD_PRELOAD from the environment");
    if (search_program(script->program, target->file) == SEARCH_FOUND)
        return true;
    return refuse(target, "%s: %s", script->program, strerror(errno));
}

/* True: target->file is now to be looked at in turn. */
static bool inspect(struct target *target)
{
    char line[SCRIPT_LINE_SIZE];
    struct script script;
    bool again = false;
    const int fd = open(target->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const ssize_t length = fd < 0 ? -1 : pread(fd, line, sizeof line, 0);
    if (length < 0) {
        refuse(target, "can't be read: %s", strerror(errno));
    } else {
        switch (script_parse(line, (size_t)length, &script)) {
        case SCRIPT_NONE:
            target->protectable = inspect_executable(fd, target);
            break;
        case SCRIPT_BAD:
            refuse(target, "its #! line names no interpreter");
            break;
        case SCRIPT_OK:
            again = follow(&script, target);
            break;
        }
    }
    if (fd >= 0)
        close(fd);
    return again;
}

void target_inspect(const char *path, struct target *target)
{
    *target = (struct target){0};
    if (snprintf(target->file, sizeof target->file, "%s", path) >= PATH_MAX) {
        refuse(target, "%s", strerror(ENAMETOOLONG));
        return;
    }
    for (int i = 0; i <= SCRIPTS_MAX; i++)
        if (!inspect(target))
            return;
    refuse(target, "too many scripts that interpret scripts");
}
