/* What an image's header says. */
#include "tests/macos/loader/image.h"

#include <string.h>

const struct command *next_command(const struct image *image, const void *before, enum command_kind kind)
{
    const char *at = (const char *)(image->header + 1), *end = at + image->header->commands_size;
    if (before)
        at = (const char *)before + ((const struct command *)before)->size;
    for (; at < end; at += ((const struct command *)at)->size)
        if (((const struct command *)at)->kind == (uint32_t)kind)
            return (const struct command *)at;
    return NULL;
}

const struct segment *find_segment(const struct image *image, const char *name)
{
    const struct command *found = NULL;
    while ((found = next_command(image, found, COMMAND_SEGMENT)))
        if (strncmp(((const struct segment *)found)->name, name, 16) == 0)
            return (const struct segment *)found;
    return NULL;
}

const struct section *next_section(const struct image *image, const struct section *before)
{
    const struct command *found = NULL;
    bool passed = !before;
    while ((found = next_command(image, found, COMMAND_SEGMENT))) {
        const struct segment *segment = (const struct segment *)found;
        const struct section *sections = (const struct section *)(segment + 1);
        for (uint32_t i = 0; i < segment->sections; i++) {
            if (passed)
                return &sections[i];
            passed = &sections[i] == before;
        }
    }
    return NULL;
}

const char *linkedit(const struct image *image, uint32_t offset)
{
    const struct segment *segment = find_segment(image, "__LINKEDIT");
    if (!segment)
        fail("%s has no __LINKEDIT", image->path);
    return (const char *)(segment->address + (uintptr_t)image->slide) - segment->file_offset + offset;
}

/* By its table of symbols: what isn't stripped from a linked image is what it exports. */
void *find_export(const struct image *image, const char *name)
{
    const struct symtab *table = (const struct symtab *)next_command(image, NULL, COMMAND_SYMTAB);
    if (image->elf)
        return elf_symbol(image, name);
    const struct symbol *symbols = (const struct symbol *)linkedit(image, table ? table->symbols : 0);
    for (uint32_t i = 0; table && i < table->count; i++) {
        const char *known = linkedit(image, table->strings) + symbols[i].name;
        if ((symbols[i].type & SYMBOL_EXTERNAL) && !(symbols[i].type & SYMBOL_PRIVATE) &&
            (symbols[i].type & SYMBOL_TYPE) == SYMBOL_IN_SECTION && known[0] == '_' &&
            strcmp(known + 1, name) == 0)
            return (void *)(symbols[i].value + (uintptr_t)image->slide);
    }
    return NULL;
}

bool image_holds(const struct image *image, const void *address)
{
    const struct command *found = NULL;
    while ((found = next_command(image, found, COMMAND_SEGMENT))) {
        const struct segment *segment = (const struct segment *)found;
        const char *start = (const char *)(segment->address + (uintptr_t)image->slide);
        if (segment->protection && (const char *)address >= start &&
            (const char *)address < start + segment->size)
            return true;
    }
    return false;
}

struct image *image_of(const void *address)
{
    for (struct image *image = images; image; image = image->next)
        if (image_holds(image, address))
            return image;
    return NULL;
}
