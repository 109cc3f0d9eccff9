/* What a program or a library of macOS is linked to, and what TLS is inside it. The file is untrusted: every
 * read is checked against its end. Source: <mach-o/loader.h>. */
#ifndef PINSHIM_TOOLS_MACHO_LIBRARIES_H
#define PINSHIM_TOOLS_MACHO_LIBRARIES_H

#include <stdbool.h>
#include <stddef.h>

/* A library's name, or (`search`) a folder of LC_RPATH, in which "@rpath" of those names is looked for. */
typedef void macho_visitor(const char *text, bool search, void *argument);

/* Visits those of each architecture in the file. False: it is no Mach-O file, or is damaged. */
bool macho_libraries(const void *bytes, size_t size, macho_visitor *visit, void *argument)
    __attribute__((nonnull(1, 3), warn_unused_result));

/* TLS that it brings inside itself ("rustls"), as builtin_tls.h has it of ELF files; NULL where none is
 * known. `marks`: tls_marks of it all. */
const char *macho_tls(const void *bytes, size_t size, unsigned marks)
    __attribute__((nonnull, warn_unused_result));

#endif
