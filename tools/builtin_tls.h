/* TLS that a program brings inside itself, where no preload is ever asked.
 *
 * Go and rustls implement TLS without a shared library; others link OpenSSL or BoringSSL in and hide it, or
 * export it, bound to itself: the executable stands first in the loader's search order.
 */
#ifndef PINSHIM_TOOLS_BUILTIN_TLS_H
#define PINSHIM_TOOLS_BUILTIN_TLS_H

#include "tools/elf_file.h"

/* What it is, for a message: "rustls"; NULL where none is known. Told by what such programs contain (`marks`:
 * tls_marks of the same file): a heuristic that doubt decides for the program. */
const char *builtin_tls(const struct elf_file *elf, unsigned marks)
    __attribute__((nonnull, warn_unused_result));

/* As builtin_tls, of a library that is none of TLS itself. */
const char *builtin_tls_of_library(const struct elf_file *elf, unsigned marks)
    __attribute__((nonnull, warn_unused_result));

#endif
