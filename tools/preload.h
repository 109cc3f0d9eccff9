/* The shim's library: where it is, and how a program is made to load it. */
#ifndef PINSHIM_TOOLS_PRELOAD_H
#define PINSHIM_TOOLS_PRELOAD_H

#include <limits.h>
#include <stdbool.h>

enum { PRELOAD_REASON_SIZE = 256 };

/* libpinshim.so beside this program, or installed with it (../lib/MULTIARCH/pinshim, where a
 * system keeps the libraries of each architecture apart). False, reported on stderr: there
 * is none, or its path can't be written in LD_PRELOAD. */
bool preload_locate(char library[PATH_MAX]) __attribute__((nonnull, warn_unused_result));

/* Beside that one, for 32-bit programs: second_library.h. Nothing is reported. */
bool preload_locate_second(char library[PATH_MAX]) __attribute__((nonnull, warn_unused_result));

/* Asks the program's own loader to load the library for it, without starting either. The loader itself would
 * print one line and go on without the shim: a missing symbol version, a mount without exec. False: `reason`
 * says why. */
bool preload_accepted(const char *loader, const char *program, const char *library,
                      char reason[PRELOAD_REASON_SIZE]) __attribute__((nonnull, warn_unused_result));

/* The value of LD_PRELOAD that loads `library` first and once, then what `before` names (NULL: nothing).
 * The caller frees it; NULL: no memory. */
char *preload_value(const char *library, const char *before) __attribute__((nonnull(1), warn_unused_result));

#endif
