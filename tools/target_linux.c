#include "tools/builtin_tls.h"
#include "tools/macho_target.h"
#include "tools/preload.h"
#include "tools/second_library.h"
#include "tools/target_platform.h"
#include "tools/tls_marks.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
        return target_refuse(target, "not an executable this machine can run");
    if (target->tls)
        return target_refuse(target, "TLS built in: %s", target->tls);
    if (!target->loader[0])
        return target_refuse(target, "statically linked");
    if (!same_loader(target->loader, target->narrow))
        return target_refuse(target, "made for another C library, whose loader is %s", target->loader);
    if (target->narrow && !preload_locate_second(library))
        return target_refuse(target, "a 32-bit program, and no library for such is installed");
    return true;
}

/* No ELF file: whatever it is, it doesn't start here; a program of macOS is told what would become of it
 * there, where whoever starts it isn't known. */
static void refuse_other_format(int fd, struct target *target)
{
    struct stat status;
    const char *refusal;
    if (!macho_target_look(fd, target, &refusal)) {
        (void)target_refuse(target, "not an executable this machine can run");
        return;
    }
    if (!refusal && fstat(fd, &status) == 0 && status.st_mode & (S_ISUID | S_ISGID))
        refusal = "set-user-ID or set-group-ID: dyld ignores DYLD_INSERT_LIBRARIES";
    if (refusal)
        (void)target_refuse(target, "made for macOS; there: %s", refusal);
    else if (target->tls)
        (void)target_refuse(target, "made for macOS; there: TLS built in: %s", target->tls);
    else
        (void)target_refuse(target, "made for macOS");
}

void target_inspect_running(int fd, struct target *target)
{
    struct elf_file elf;
    switch (elf_open(&elf, fd)) {
    case ELF_NOT_ELF:
        refuse_other_format(fd, target);
        return;
    case ELF_MALFORMED:
        (void)target_refuse(target, "not an executable this machine can run");
        return;
    case ELF_FOREIGN:
        (void)target_refuse(target, "for another architecture");
        return;
    case ELF_OK:
        break;
    }
    target->protectable = inspect_elf(&elf, target);
    elf_close(&elf);
}

bool target_passes_on(const char *interpreter, struct target *target)
{
    (void)interpreter, (void)target;
    return true;
}
