#include "tools/target.h"

#include "tools/builtin_tls.h"
#include "tools/macho_file.h"
#include "tools/preload.h"
#include "tools/privilege.h"
#include "tools/script.h"
#include "tools/search.h"
#include "tools/second_library.h"
#include "tools/tls_marks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
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
static bool same_loader(const char *loader, bool narrow)
{
    const char *own = narrow ? SECOND_LOADER : NULL;
    if (!own)
        dl_iterate_phdr(note_loader, &own);
    return own && strcmp(base_name(own), base_name(loader)) == 0;
}

bool target_has_own_loader(const struct target *target)
{
    const char *own = NULL;
    struct stat first, second;
    dl_iterate_phdr(note_loader, &own);
    return own && stat(own, &first) == 0 && stat(target->loader, &second) == 0 &&
           first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

static bool inspect_elf(const struct elf_file *elf, struct target *target)
{
    char library[PATH_MAX];
    const char *loader = elf_loader(elf);
    target->narrow = elf->narrow && sizeof(void *) > 4;
    target->marks = tls_marks(elf);
    target->tls = builtin_tls(elf, target->marks);
    if (loader && snprintf(target->loader, sizeof target->loader, "%s", loader) >= PATH_MAX)
        return refuse(target, "not an executable this machine can run");
    if (target->tls)
        return refuse(target, "TLS built in: %s", target->tls);
    if (!target->loader[0])
        return refuse(target, "statically linked");
    if (!same_loader(target->loader, target->narrow))
        return refuse(target, "made for another C library, whose loader is %s", target->loader);
    if (target->narrow && !preload_locate_second(library))
        return refuse(target, "a 32-bit program, and no library for such is installed");
    return true;
}

/* No ELF file: whatever it is, it doesn't start here; a program of macOS is told what would become of it
 * there. */
static void refuse_other_format(int fd, struct target *target)
{
    struct stat status;
    struct macho_program program;
    const bool looked = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
    const size_t size = looked ? (size_t)status.st_size : 0;
    void *bytes = looked ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    const bool macho = bytes != MAP_FAILED && macho_parse(bytes, size, &program) == MACHO_OK;
    const char *refusal = macho ? macho_refusal(&program, target->file) : NULL;
    if (macho)
        (void)refuse(target, "made for macOS%s%s", refusal ? "; there: " : "", refusal ? refusal : "");
    else
        (void)refuse(target, "not an executable this machine can run");
    if (bytes != MAP_FAILED)
        (void)munmap(bytes, size);
}

void target_inspect_running(int fd, struct target *target)
{
    struct elf_file elf;
    switch (elf_open(&elf, fd)) {
    case ELF_NOT_ELF:
        refuse_other_format(fd, target);
        return;
    case ELF_MALFORMED:
        (void)refuse(target, "not an executable this machine can run");
        return;
    case ELF_FOREIGN:
        (void)refuse(target, "for another architecture");
        return;
    case ELF_OK:
        break;
    }
    target->protectable = inspect_elf(&elf, target);
    elf_close(&elf);
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

enum step { STEP_REFUSED = 0, STEP_FOLLOWED, STEP_PROGRAM };

/* One step: is `target->file` a script? */
static enum step step(int fd, struct target *target)
{
    char line[SCRIPT_LINE_SIZE];
    struct script script;
    const ssize_t length = fd < 0 ? -1 : pread(fd, line, sizeof line, 0);
    if (length < 0) {
        (void)refuse(target, "can't be read: %s", strerror(errno));
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
    (void)refuse(target, "its #! line names no interpreter");
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
        return refuse(target, "%s", strerror(ENAMETOOLONG));
    for (int i = 0; i <= SCRIPTS_MAX; i++) {
        const int fd = open_file(target);
        const enum step next = step(fd, target);
        if (fd >= 0)
            close(fd);
        if (next != STEP_FOLLOWED)
            return next == STEP_PROGRAM;
    }
    return refuse(target, "too many scripts that interpret scripts");
}

void target_inspect(const char *path, struct target *target)
{
    if (!target_follow(path, target))
        return;
    const int fd = open_file(target);
    if (fd < 0) {
        (void)refuse(target, "can't be read: %s", strerror(errno));
        return;
    }
    target_inspect_running(fd, target);
    const char *raised = privilege_raised(fd);
    if (raised && target->loader[0])
        target->protectable = refuse(target, "%s", raised);
    close(fd);
}
