/* The library for the 32-bit programs that this machine may run beside its own: i386's, beside amd64. */
#ifndef PINSHIM_TOOLS_SECOND_LIBRARY_H
#define PINSHIM_TOOLS_SECOND_LIBRARY_H

#include <limits.h>
#include <stdbool.h>

/* glibc's loader of such programs, which they name themselves. */
#define SECOND_LOADER "/lib/ld-linux.so.2"

/* True where that loader is there, below `root` ("": in this system). Never on another machine than amd64. */
bool second_loader_is_there(const char *root) __attribute__((nonnull, warn_unused_result));

/* Where, below `root`, that loader looks for the library that stands at `library` for this machine: in what
 * it takes for "$LIB", lib/i386-linux-gnu, or lib32 where it is amd64's own (the package libc6-i386). False:
 * `library` is in no folder of one architecture, or there is none for the other. */
bool second_library_find(const char *root, const char *library, char second[PATH_MAX])
    __attribute__((nonnull, warn_unused_result));

#endif
