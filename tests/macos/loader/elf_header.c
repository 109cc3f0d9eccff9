/* The Mach-O header that stands before an ELF library's mapping. */
#include "tests/macos/loader/elf.h"

#include <string.h>
#include <sys/mman.h>

enum { SECTIONS = 1 };

/* All of it lies in the page before the ELF header. */
struct page {
    struct header header;
    struct segment text;
    struct segment data;
    struct section pointers[SECTIONS];
    struct segment linkedit;
    struct symtab symtab;
    struct dysymtab dysymtab;
    struct dylib id;
    char name[128];
};

static struct segment segment(const char *name, const struct page *page, const void *start, size_t size)
{
    struct segment made = {
        .command = {COMMAND_SEGMENT, sizeof made},
        .address = (uintptr_t)start - (uintptr_t)page, /* it is laid out from 0: its slide is where it is */
        .size = size,
        .most = PROT_READ | PROT_EXEC,
        .protection = PROT_READ | PROT_EXEC,
    };
    strncpy(made.name, name, sizeof made.name);
    return made;
}

static void write_segments(struct page *page, const struct tables *tables, size_t code_size)
{
    page->text = segment("__TEXT", page, page, code_size);
    page->data = segment("__DATA", page, tables->slots, tables->count * sizeof(void *));
    page->data.command.size += sizeof page->pointers;
    page->data.sections = SECTIONS;
    page->pointers[0] = (struct section){
        .name = "__la_symbol_ptr",
        .segment = "__DATA",
        .address = page->data.address,
        .size = page->data.size,
        .flags = SECTION_LAZY_POINTERS,
    };
    page->linkedit = segment("__LINKEDIT", page, tables->symbols, 0);
}

/* Their offsets are of 32 bits, from the symbols: that is where this file's __LINKEDIT starts. */
static void write_tables(struct page *page, const struct tables *tables)
{
    const char *start = (const char *)tables->symbols;
    page->symtab = (struct symtab){
        .command = {COMMAND_SYMTAB, sizeof page->symtab},
        .count = (uint32_t)(tables->count + tables->defined),
        .strings = (uint32_t)(tables->strings - start),
        .strings_size = (uint32_t)tables->strings_size,
    };
    page->dysymtab = (struct dysymtab){
        .command = {COMMAND_DYSYMTAB, sizeof page->dysymtab},
        .taken_count = (uint32_t)tables->count,
        .defined = (uint32_t)tables->count,
        .defined_count = (uint32_t)tables->defined,
        .indirect = (uint32_t)((const char *)tables->indirect - start),
        .indirect_count = (uint32_t)tables->count,
    };
}

void elf_write_header(struct elf_image *elf, void *start, size_t code_size)
{
    struct page *page = start;
    page->header = (struct header){
        .magic = MACHO_MAGIC,
        .cpu = CPU_X86_64,
        .file = FILE_DYLIB,
        .commands = 6,
        .commands_size = sizeof *page - sizeof page->header,
        .flags = FLAG_TWO_LEVEL,
    };
    write_segments(page, &elf->tables, code_size);
    write_tables(page, &elf->tables);
    page->id = (struct dylib){
        .command = {COMMAND_ID_DYLIB, sizeof page->id + sizeof page->name},
        .name = sizeof page->id,
    };
    strncpy(page->name, elf->image.path, sizeof page->name - 1);
    elf->image.header = &page->header;
    elf->image.slide = (intptr_t)page;
    elf->image.install_name = page->name;
}
