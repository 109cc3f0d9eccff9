/* The first line of a script: #!INTERPRETER [ARGUMENT], as Linux reads it (fs/binfmt_script.c). */
#ifndef PINSHIM_TOOLS_SCRIPT_H
#define PINSHIM_TOOLS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

enum { SCRIPT_LINE_SIZE = 256 }; /* BINPRM_BUF_SIZE: what the kernel looks at */

/* Zero means unusable. */
enum script_status {
    SCRIPT_BAD = 0, /* starts with #! and names no interpreter, or one too long */
    SCRIPT_NONE,    /* no script */
    SCRIPT_OK,
};

struct script {
    char interpreter[SCRIPT_LINE_SIZE];
    char program[SCRIPT_LINE_SIZE]; /* what `env` as the interpreter searches along PATH; else empty */
    bool clears_environment;        /* ... after it has removed the preload */
};

/* Reads the line from the file's first `length` bytes, SCRIPT_LINE_SIZE of them or the whole file. */
enum script_status script_parse(const char *bytes, size_t length, struct script *script)
    __attribute__((nonnull, warn_unused_result));

#endif
