/* A library on disk: what it needs, and what TLS is in it. Looked into once, however many programs need it.
 */
#ifndef PINSHIM_TOOLS_LIBRARY_FILE_H
#define PINSHIM_TOOLS_LIBRARY_FILE_H

#include <stdbool.h>
#include <stddef.h>

struct library_file {
    char *path;
    char **needed;
    size_t needed_count;
    char *rpath, *runpath; /* NULL: nothing is said */
    unsigned marks;        /* tls_marks; 0 of a TLS library, and of a program */
    bool narrow;           /* of 32 bits, as elf_file.h has it */
    const char *tls;       /* inside it, as builtin_tls.h has it; NULL: none is known */
};

/* NULL: there is none for this machine at the path. What is returned stays until the program ends. */
const struct library_file *library_file_open(const char *path) __attribute__((nonnull, warn_unused_result));

/* The same of a program, which isn't looked into for TLS (target.h does that). */
const struct library_file *library_file_open_program(const char *path)
    __attribute__((nonnull, warn_unused_result));

#endif
