/* An image in memory, as dyld knows it: a Mach-O program or library that was mapped from its file, or one of
 * this machine's ELF libraries behind a Mach-O header (elf.c).
 *
 * One thread loads; the list only grows, and an image never goes.
 */
#ifndef PINSHIM_TESTS_MACOS_IMAGE_H
#define PINSHIM_TESTS_MACOS_IMAGE_H

#include "tests/macos/loader/format.h"

#include <stdbool.h>
#include <stddef.h>

enum { NEEDED_MOST = 32 };

struct image {
    struct image *next;                /* in the order of loading */
    char *path;                        /* of its file */
    const char *install_name;          /* by which others need it */
    const struct header *header;       /* in memory */
    intptr_t slide;                    /* from where the file puts it */
    struct image *needed[NEEDED_MOST]; /* by their ordinals, from 1; NULL: libSystem */
    int needed_count;
    void *elf;         /* its handle; NULL: a Mach-O image */
    bool bound, ready; /* its pointers lead where they should; its initialisers have run, or will */
};

extern struct image *images; /* the program first */

/* Ends the process, with a message. */
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* macho.c: what an image's header says. `before`: NULL for the first. */
const struct command *next_command(const struct image *image, const void *before, enum command_kind kind);
const struct segment *find_segment(const struct image *image, const char *name);
const struct section *next_section(const struct image *image, const struct section *before);
const char *linkedit(const struct image *image, uint32_t offset); /* what lies there in the file */
void *find_export(const struct image *image, const char *name);   /* without its underscore; NULL */
bool image_holds(const struct image *image, const void *address);
struct image *image_of(const void *address);

/* map.c: the x86_64 part of a Mach-O file in memory, its libraries not looked at. NULL: it isn't one. */
struct image *map_macho(const char *path);
void map_protect(const struct image *image); /* as its segments say, once it is fixed up */

/* load.c */
void load_say_where(const char *name, const char *file); /* of a library that is needed by this name */
struct image *load_image(const char *name);              /* with all that it needs; NULL: there is none */
struct image *find_image(const char *name);              /* one that is loaded; NULL */
void load_finish(void);                                  /* what was loaded: is bound, told of, initialised */
void load_program(const char *file, const char *inserted); /* NULL: none */

/* elf.c */
struct image *elf_image(const char *file);     /* NULL: there is none */
void elf_interpose(const struct image *image); /* by the tuples there are */
void elf_take_over(const struct image *image); /* what is in its pointers is what its code calls */
void *elf_symbol(const struct image *image, const char *name);

/* fixups.c: rebases and binds of a Mach-O image. */
void fix_up(const struct image *image);

/* interpose.c */
void interpose_by(const struct image *image);             /* reads its tuples; before others are fixed up */
void *interposed(void *target, const struct image *user); /* what `user` gets in its place; NULL: anybody */

/* resolve.c: names in images. */
void *symbol_of_image(const struct image *image, const char *name, int depth); /* its libraries', too */
void *symbol_anywhere(const char *name, const struct image *after, bool itself);
void *symbol_of_system(const char *name); /* libSystem's, without the underscore; NULL */

/* thread_variables.c */
void thread_variables_prepare(const struct image *image);

/* dyld.c */
void dyld_tell(const struct image *image); /* those who asked for each added image */

/* libsystem_*.c: adapters, from Darwin's layouts and numbers to Linux's. A name of "" ends a table. */
struct adapter {
    const char *name;
    void *address;
};
extern const struct adapter adapters_plain[], adapters_files[], adapters_access[], adapters_sockets[],
    adapters_threads[], adapters_dyld[];
extern char **program_arguments;

/* adapters_sockets.c: libcrypto's function that takes addresses, too; of the first libcrypto alone. NULL. */
void *control_bio_of(void *elf);

#endif
