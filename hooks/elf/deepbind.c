#include "hooks/elf/deepbind.h"

#include "hooks/elf/dynamic.h"
#include "hooks/elf/machine.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FRONT_OBJECTS = 16 }; /* the program and the preloads before this one that are told apart */

/* A walk over the loaded objects, in the order in which they were loaded. */
struct walk {
    const struct link_map *from; /* NULL: behind this library */
    struct object front[FRONT_OBJECTS];
    size_t front_count;
    bool behind_us, begun;
};

/* Asked of mprotect, of no bytes: getauxval would cost every program 2,000 instructions at its start. */
static uintptr_t page_size_of_machine(void)
{
    uintptr_t size = 4096;
    while (size < 65536 && syscall(SYS_mprotect, size, 0, PROT_READ) != 0 && errno == EINVAL)
        size *= 2;
    return size;
}

/* Binds one function of an object anew. */
static void bind(const struct dl_phdr_info *info, void **slot, any_function *hook)
{
    const uintptr_t page_size = page_size_of_machine(), page = (uintptr_t)slot & ~(page_size - 1);
    bool read_only = false;
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        const uintptr_t start = info->dlpi_addr + segment->p_vaddr;
        const uintptr_t end = (start + segment->p_memsz) & ~(page_size - 1); /* whole pages are protected */
        if (segment->p_type == PT_GNU_RELRO && (uintptr_t)slot >= start && (uintptr_t)slot < end)
            read_only = true;
    }
    if (read_only && syscall(SYS_mprotect, page, page_size, PROT_READ | PROT_WRITE) != 0)
        return;
    __atomic_store_n(slot, __extension__(void *) hook, __ATOMIC_RELEASE);
    if (read_only)
        (void)syscall(SYS_mprotect, page, page_size, PROT_READ);
}

static bool is_in_front(const struct walk *walk, const void *address)
{
    for (size_t i = 0; i < walk->front_count; i++)
        if (platform_within(&walk->front[i], address))
            return true;
    return false;
}

static void patch(const struct walk *walk, const struct dl_phdr_info *info, const struct dynamic *dynamic)
{
    for (size_t table = 0; table < 2; table++) {
        const struct relocations *relocations = &dynamic->relocations[table];
        for (size_t at = 0; relocations->start && relocations->step && at < relocations->size;
             at += relocations->step) {
            const relocation_head *relocation = (const relocation_head *)(relocations->start + at);
            const uint32_t symbol = ELFW(R_SYM)(relocation->r_info);
            if (symbol == 0 || !machine_binds_function(ELFW(R_TYPE)(relocation->r_info)))
                continue;
            any_function *hook = dynamic_hook(dynamic->strings + dynamic->symbols[symbol].st_name);
            void **slot =
                (void **)(dynamic->base + relocation->r_offset); /* NOLINT(performance-no-int-to-ptr) */
            if (hook && *slot && *slot != __extension__(void *) hook && !is_in_front(walk, *slot))
                bind(info, slot, hook);
        }
    }
}

static const ElfW(Dyn) * section_of(const struct dl_phdr_info *info)
{
    for (unsigned i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_DYNAMIC)
            return (const ElfW(Dyn) *)(info->dlpi_addr +
                                       info->dlpi_phdr[i].p_vaddr); /* NOLINT(performance-no-int-to-ptr) */
    return NULL;
}

static int visit(struct dl_phdr_info *info, size_t size, void *argument)
{
    (void)size;
    struct walk *walk = argument;
    const ElfW(Dyn) *section = section_of(info);
    struct object object;
    if (!section || !platform_object(section, &object))
        return 0;
    if (!walk->behind_us) {
        if (walk->front_count < FRONT_OBJECTS)
            walk->front[walk->front_count++] = object;
        walk->behind_us = platform_is_own(section);
        return 0;
    }
    walk->begun |= !walk->from || section == walk->from->l_ld;
    const struct dynamic dynamic = dynamic_read(info->dlpi_addr, section);
    if (walk->begun && dynamic.symbols && dynamic.strings)
        patch(walk, info, &dynamic);
    return 0;
}

void deepbind_patch(void *handle)
{
    struct walk walk = {.from = handle}; /* glibc's handles are link maps */
    (void)dl_iterate_phdr(visit, &walk);
}
