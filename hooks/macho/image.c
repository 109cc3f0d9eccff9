#include "hooks/macho/image.h"

#include <mach-o/loader.h>
#include <mach-o/nlist.h>
#include <mach/vm_prot.h>
#include <string.h>

/* Tables of an object that its walk reads. */
struct tables {
    const struct nlist_64 *symbols;
    const char *strings;
    const uint32_t *indirect;                        /* which symbol each pointer is of */
    uint32_t defined, defined_end, taken, taken_end; /* the symbols for others, and those of others */
};

enum { READ_ONLY_AFTER_BINDING = 0x10 }; /* SG_READ_ONLY */

static const struct load_command *command_of(const struct mach_header_64 *header, uint32_t kind)
{
    const struct load_command *command = (const struct load_command *)(header + 1);
    for (uint32_t i = 0; i < header->ncmds; i++) {
        if (command->cmd == kind)
            return command;
        command = (const struct load_command *)((const char *)command + command->cmdsize);
    }
    return NULL;
}

static const struct segment_command_64 *next_segment(const struct mach_header_64 *header,
                                                     const struct segment_command_64 *before)
{
    const char *at = (const char *)(header + 1), *end = at + header->sizeofcmds;
    if (before)
        at = (const char *)before + before->cmdsize;
    for (; at < end; at += ((const struct load_command *)at)->cmdsize)
        if (((const struct load_command *)at)->cmd == LC_SEGMENT_64)
            return (const struct segment_command_64 *)at;
    return NULL;
}

static const struct segment_command_64 *segment_of(const struct mach_header_64 *header, const char *name)
{
    const struct segment_command_64 *segment = next_segment(header, NULL);
    while (segment && strncmp(segment->segname, name, sizeof segment->segname) != 0)
        segment = next_segment(header, segment);
    return segment;
}

bool image_is_program(const void *header)
{
    return ((const struct mach_header_64 *)header)->filetype == MH_EXECUTE;
}

bool image_is_of_system(const void *header)
{
    enum { IN_CACHE = 0x80000000U }; /* MH_DYLIB_IN_CACHE, which older headers lack */
    return ((const struct mach_header_64 *)header)->flags & (uint32_t)IN_CACHE;
}

size_t image_code_size(const void *header)
{
    const struct segment_command_64 *code = segment_of(header, SEG_TEXT);
    return code ? code->vmsize : 0;
}

bool image_interposes(const void *header)
{
    const struct segment_command_64 *segment = NULL;
    while ((segment = next_segment(header, segment))) {
        const struct section_64 *sections = (const struct section_64 *)(segment + 1);
        for (uint32_t i = 0; i < segment->nsects; i++)
            if (strncmp(sections[i].sectname, "__interpose", sizeof sections[i].sectname) == 0)
                return true;
    }
    return false;
}

/* In memory, the tables lie where their segment does, as far from its start as in the file. */
static bool find_tables(const struct mach_header_64 *header, intptr_t slide, struct tables *tables)
{
    const struct segment_command_64 *linking = segment_of(header, SEG_LINKEDIT);
    const struct symtab_command *symbols = (const struct symtab_command *)command_of(header, LC_SYMTAB);
    const struct dysymtab_command *dynamic = (const struct dysymtab_command *)command_of(header, LC_DYSYMTAB);
    if (!linking || !symbols || !dynamic)
        return false;
    const char *start = (const char *)(linking->vmaddr + (uintptr_t)slide - linking->fileoff);
    *tables = (struct tables){
        .symbols = (const struct nlist_64 *)(start + symbols->symoff),
        .strings = start + symbols->stroff,
        .indirect = (const uint32_t *)(start + dynamic->indirectsymoff),
        .defined = dynamic->iextdefsym,
        .defined_end = dynamic->iextdefsym + dynamic->nextdefsym,
        .taken = dynamic->iundefsym,
        .taken_end = dynamic->iundefsym + dynamic->nundefsym,
    };
    return true;
}

/* As C has it; NULL where C has none. */
static const char *name_of(const struct tables *tables, uint32_t symbol)
{
    const char *name = tables->strings + tables->symbols[symbol].n_un.n_strx;
    return name[0] == '_' ? name + 1 : NULL;
}

static void each_of_section(const struct tables *tables, const struct section_64 *section, intptr_t slide,
                            bool read_only, image_visit *visit)
{
    const uint32_t kind = section->flags & SECTION_TYPE;
    if (kind != S_LAZY_SYMBOL_POINTERS && kind != S_NON_LAZY_SYMBOL_POINTERS)
        return;
    void **slots = (void **)(section->addr + (uintptr_t)slide);
    for (size_t i = 0; i < section->size / sizeof *slots; i++) {
        const uint32_t symbol = tables->indirect[section->reserved1 + i];
        if (symbol & (INDIRECT_SYMBOL_LOCAL | INDIRECT_SYMBOL_ABS))
            continue;
        const char *name = name_of(tables, symbol);
        if (name)
            visit(&slots[i], name, read_only);
    }
}

void image_each_import(const void *header, intptr_t slide, image_visit *visit)
{
    struct tables tables;
    if (!find_tables(header, slide, &tables))
        return;
    const struct segment_command_64 *segment = NULL;
    while ((segment = next_segment(header, segment))) {
        const struct section_64 *sections = (const struct section_64 *)(segment + 1);
        for (uint32_t i = 0; i < segment->nsects; i++)
            each_of_section(&tables, &sections[i], slide, segment->flags & READ_ONLY_AFTER_BINDING, visit);
    }
}

void image_each_name(const void *header, intptr_t slide, image_named *visit)
{
    struct tables tables;
    if (!find_tables(header, slide, &tables))
        return;
    for (uint32_t i = tables.taken; i < tables.taken_end; i++) {
        const char *name = name_of(&tables, i);
        if (name)
            visit(header, slide, name);
    }
}

const void *image_definition(const void *header, intptr_t slide, const char *name)
{
    struct tables tables;
    if (!find_tables(header, slide, &tables))
        return NULL;
    for (uint32_t i = tables.defined; i < tables.defined_end; i++) {
        const char *known = name_of(&tables, i);
        if (known && strcmp(known, name) == 0)
            return (const void *)(tables.symbols[i].n_value + (uintptr_t)slide);
    }
    return NULL;
}

void image_each_pointer(const void *header, intptr_t slide, const void *target, const char *name,
                        image_visit *visit)
{
    const struct segment_command_64 *segment = NULL;
    while ((segment = next_segment(header, segment))) {
        const struct section_64 *sections = (const struct section_64 *)(segment + 1);
        for (uint32_t i = 0; i < segment->nsects && segment->initprot & VM_PROT_WRITE; i++) {
            void **slots = (void **)(sections[i].addr + (uintptr_t)slide);
            if ((sections[i].flags & SECTION_TYPE) != S_REGULAR)
                continue;
            for (size_t j = 0; j < sections[i].size / sizeof *slots; j++)
                if (slots[j] == target)
                    visit(&slots[j], name, segment->flags & READ_ONLY_AFTER_BINDING);
        }
    }
}
