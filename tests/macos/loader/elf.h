/* An ELF library behind a Mach-O header: what elf.c knows of it, and elf_header.c shows. */
#ifndef PINSHIM_TESTS_MACOS_ELF_H
#define PINSHIM_TESTS_MACOS_ELF_H

#include "tests/macos/loader/image.h"

enum { PAGE = 4096 };

struct link_map;

/* The tables that they point to, and where the library's own are. */
struct tables {
    size_t count;
    void **slots;   /* the Mach-O pointers */
    void ***actual; /* those that the code uses */
    struct symbol *symbols;
    size_t defined; /* how many more of them follow, the library's own */
    uint32_t *indirect;
    char *strings;
    size_t strings_size;
};

struct elf_image {
    struct image image;
    struct link_map *map;
    struct tables tables;
};

/* Into the page before its mapping; `code_size` from that page on. Sets the image's header, slide and name.
 */
void elf_write_header(struct elf_image *elf, void *start, size_t code_size);

#endif
