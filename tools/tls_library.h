/* Which shared libraries are TLS libraries, and for which of them libpinshim.so has hooks: one table. */
#ifndef PINSHIM_TOOLS_TLS_LIBRARY_H
#define PINSHIM_TOOLS_TLS_LIBRARY_H

#include <stdbool.h>

struct tls_library {
    const char *stem;    /* of the file's name, before ".so" */
    const char *version; /* behind ".so.", its first numbers; NULL: any other */
    const char *family;  /* as a person knows it: "OpenSSL" */
    bool hooked;         /* the library has hooks for it: a preload pins what is done by it */
};

/* By the name of a file, or a path: also as Python's wheels spell it (libssl-80c06e3d.so.1.1). NULL: no TLS
 * library that is known. libcrypto alone, or libnss3, is none: neither speaks TLS. */
const struct tls_library *tls_library_of(const char *file) __attribute__((nonnull, warn_unused_result));

#endif
