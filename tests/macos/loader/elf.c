/* One of this machine's ELF libraries as an image of dyld's.
 *
 * In the page before its mapping stands a Mach-O header, so that whoever looks at the image sees what dyld
 * would show: code that begins with a header, a table of symbols, and pointers to imported functions
 * (__la_symbol_ptr), one for each that the library takes from another image. Its own code goes through the
 * table that glibc filled: what dyld, or anybody, has put into the Mach-O pointers is copied there
 * (elf_take_over). Calls within a library stay within, as two-level names have it; what comes from libc isn't
 * shown, for its layouts are Linux's.
 */
#include "tests/macos/loader/elf.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const ElfW(Dyn) * dynamic(const struct link_map *map, ElfW(Sxword) tag)
{
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == tag)
            return entry;
    return NULL;
}

static const void *dynamic_address(const struct link_map *map, ElfW(Sxword) tag)
{
    const ElfW(Dyn) *entry = dynamic(map, tag);
    return entry ? (const void *)entry->d_un.d_ptr : NULL;
}

static void add_pointer(struct tables *tables, void **actual, const char *name)
{
    struct symbol *symbol = &tables->symbols[tables->count];
    *symbol = (struct symbol){.name = (uint32_t)tables->strings_size, .type = SYMBOL_EXTERNAL};
    tables->strings_size += (size_t)sprintf(tables->strings + tables->strings_size, "_%s", name) + 1;
    tables->indirect[tables->count] = (uint32_t)tables->count;
    tables->slots[tables->count] = *actual;
    tables->actual[tables->count++] = actual;
}

/* Imports from other images, each of which was loaded before. */
static void add_pointers(struct elf_image *elf, ElfW(Sxword) tag, ElfW(Sxword) size_tag)
{
    const struct link_map *map = elf->map;
    const ElfW(Rela) *relocations = dynamic_address(map, tag);
    const ElfW(Sym) *symbols = dynamic_address(map, DT_SYMTAB);
    const char *strings = dynamic_address(map, DT_STRTAB);
    const ElfW(Dyn) *size = dynamic(map, size_tag);
    for (size_t i = 0; relocations && size && i < size->d_un.d_val / sizeof *relocations; i++) {
        const ElfW(Sym) *symbol = &symbols[ELF64_R_SYM(relocations[i].r_info)];
        const unsigned type = ELF64_R_TYPE(relocations[i].r_info);
        void **slot = (void **)(map->l_addr + relocations[i].r_offset);
        if ((type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT) && symbol->st_shndx == SHN_UNDEF &&
            *slot && image_of(*slot))
            add_pointer(&elf->tables, slot, strings + symbol->st_name);
    }
}

static size_t symbol_count(const struct link_map *map) /* the strings follow them */
{
    const char *symbols = dynamic_address(map, DT_SYMTAB), *strings = dynamic_address(map, DT_STRTAB);
    return (size_t)(strings - symbols) / sizeof(ElfW(Sym));
}

/* Its own functions, at where they are from the page on. */
static void add_definitions(struct elf_image *elf, uintptr_t page)
{
    struct tables *tables = &elf->tables;
    const ElfW(Sym) *symbols = dynamic_address(elf->map, DT_SYMTAB);
    const char *strings = dynamic_address(elf->map, DT_STRTAB);
    for (size_t i = 0; i < symbol_count(elf->map); i++) {
        if (symbols[i].st_shndx == SHN_UNDEF || ELF64_ST_TYPE(symbols[i].st_info) != STT_FUNC)
            continue;
        tables->symbols[tables->count + tables->defined++] = (struct symbol){
            .name = (uint32_t)tables->strings_size,
            .type = SYMBOL_EXTERNAL | SYMBOL_IN_SECTION,
            .value = elf->map->l_addr + symbols[i].st_value - page,
        };
        tables->strings_size +=
            (size_t)sprintf(tables->strings + tables->strings_size, "_%s", strings + symbols[i].st_name) + 1;
    }
}

static size_t relocation_count(const struct link_map *map)
{
    const ElfW(Dyn) *calls = dynamic(map, DT_PLTRELSZ), *others = dynamic(map, DT_RELASZ);
    return ((calls ? calls->d_un.d_val : 0) + (others ? others->d_un.d_val : 0)) / sizeof(ElfW(Rela));
}

/* In one piece: offsets from the symbols to the others are of 32 bits. */
static void make_tables(struct elf_image *elf, uintptr_t page)
{
    const ElfW(Dyn) *strings = dynamic(elf->map, DT_STRSZ);
    const size_t most = relocation_count(elf->map) + symbol_count(elf->map);
    struct tables *tables = &elf->tables;
    tables->symbols = calloc(1, most * (sizeof(struct symbol) + 2 * sizeof(void *) + sizeof(uint32_t) + 64) +
                                    strings->d_un.d_val);
    tables->slots = (void **)(tables->symbols + most);
    tables->actual = (void ***)(tables->slots + most);
    tables->indirect = (uint32_t *)(tables->actual + most);
    tables->strings = (char *)(tables->indirect + most);
    add_pointers(elf, DT_JMPREL, DT_PLTRELSZ);
    add_pointers(elf, DT_RELA, DT_RELASZ);
    add_definitions(elf, page);
}

/* What of the address space is its mapping. */
struct range {
    const struct link_map *map;
    uintptr_t start, end;
};

static int measure(struct dl_phdr_info *info, size_t size, void *argument)
{
    struct range *range = argument;
    (void)size;
    if (info->dlpi_addr != range->map->l_addr || strcmp(info->dlpi_name, range->map->l_name) != 0)
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD) {
            const uintptr_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
            if (start < range->start)
                range->start = start & ~(uintptr_t)(PAGE - 1);
            if (start + info->dlpi_phdr[i].p_memsz > range->end)
                range->end = start + info->dlpi_phdr[i].p_memsz;
        }
    return 1;
}

/* So that the next library is mapped below all that there is, with nothing right below it: the kernel takes
 * the highest gap that is large enough. */
static void fill_gaps(void)
{
    enum { LARGEST = 1 << 30 };
    char line[512];
    uintptr_t before = 0, start, end;
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%lx-%lx", &start, &end) != 2 || strstr(line, "[stack]"))
            break;
        if (start > before && start - before < LARGEST)
            (void)mmap((void *)before, start - before, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
        before = end;
    }
    if (maps)
        fclose(maps);
}

static void give_header(struct elf_image *elf)
{
    struct range range = {elf->map, UINTPTR_MAX, 0};
    if (!dl_iterate_phdr(measure, &range))
        fail("%s has no mapping", elf->image.path);
    void *page = mmap((void *)(range.start - PAGE), PAGE, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (page == MAP_FAILED)
        fail("%s has no room for a header", elf->image.path);
    make_tables(elf, (uintptr_t)page);
    elf_write_header(elf, page, range.end - (uintptr_t)page);
}

static void add(struct image *image)
{
    struct image **end = &images;
    while (*end)
        end = &(*end)->next;
    *end = image;
}

static struct image *image_of_map(const struct link_map *map)
{
    for (struct image *image = images; image; image = image->next)
        if (image->elf && ((struct elf_image *)image)->map == map)
            return image;
    return NULL;
}

static bool is_system(const char *name)
{
    static const char *const names[] = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0",
                                        "ld-linux-x86-64.so.2"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* A process of its own looks what the library needs, so that nothing is mapped here too early. */
static void write_needed(const char *file, int to)
{
    struct link_map *map = NULL;
    void *handle = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
    if (!handle || dlinfo(handle, RTLD_DI_LINKMAP, &map) != 0)
        return;
    const char *strings = dynamic_address(map, DT_STRTAB);
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_NEEDED && !is_system(strings + entry->d_un.d_val))
            dprintf(to, "%s\n", strings + entry->d_un.d_val);
}

static FILE *needed_by(const char *file)
{
    int ends[2];
    if (pipe(ends) != 0)
        fail("no pipe");
    const pid_t child = fork();
    if (child == 0) {
        write_needed(file, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    waitpid(child, NULL, 0);
    return fdopen(ends[0], "r");
}

/* Its libraries come before it, as glibc maps them behind: so each has its header before another is mapped.
 */
static void load_needed(const char *file, struct image *image)
{
    char name[256];
    FILE *needed = needed_by(file);
    while (fgets(name, sizeof name, needed)) {
        name[strcspn(name, "\n")] = '\0';
        struct image *library = elf_image(name);
        if (!library || image->needed_count == NEEDED_MOST)
            fail("%s needs %s", file, name);
        image->needed[image->needed_count++] = library;
    }
    fclose(needed);
}

struct image *elf_image(const char *file)
{
    struct elf_image *elf = calloc(1, sizeof *elf);
    load_needed(file, &elf->image);
    fill_gaps();
    elf->image.elf = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!elf->image.elf || dlinfo(elf->image.elf, RTLD_DI_LINKMAP, &elf->map) != 0)
        return NULL;
    struct image *known = image_of_map(elf->map);
    if (known)
        return known;
    elf->image.path = strdup(elf->map->l_name);
    give_header(elf);
    add(&elf->image);
    return &elf->image;
}

/* Defined by the library itself; glibc looks in those that it needs, too. */
void *elf_symbol(const struct image *image, const char *name)
{
    if (strcmp(name, "BIO_ctrl") == 0)
        return control_bio_of(image->elf);
    void *found = dlsym(image->elf, name);
    return found && image_holds(image, found) ? found : NULL;
}

void elf_interpose(const struct image *image)
{
    const struct tables *tables = &((const struct elf_image *)image)->tables;
    for (size_t i = 0; i < tables->count; i++)
        tables->slots[i] = interposed(tables->slots[i], image);
}

static void write_pointer(void **to, void *value)
{
    void *page = (void *)((uintptr_t)to & ~(uintptr_t)(PAGE - 1));
    if (*to == value)
        return;
    if (mprotect(page, PAGE, PROT_READ | PROT_WRITE) != 0)
        fail("a pointer can't be written");
    *to = value;
}

void elf_take_over(const struct image *image)
{
    const struct tables *tables = &((const struct elf_image *)image)->tables;
    for (size_t i = 0; i < tables->count; i++)
        write_pointer(tables->actual[i], tables->slots[i]);
}
