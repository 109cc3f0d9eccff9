/* Texts by which to know what TLS a file brings or may load: names of functions, of source files and of
 * libraries, in what is loaded of it into memory.
 *
 * One pass over the file for all of them (Wu and Manber, "A fast algorithm for multi-pattern searching").
 */
#ifndef PINSHIM_TOOLS_TLS_MARKS_H
#define PINSHIM_TOOLS_TLS_MARKS_H

#include <stdbool.h>
#include <stddef.h>

struct elf_file;

enum tls_mark {
    MARK_GO_BUILD_INFO,    /* a file without section headers has this alone */
    MARK_GO_TLS,           /* Go keeps its functions' names, stripped or not */
    MARK_RUSTLS_CLIENT,    /* Rust keeps the source files' names for panics: where a ServerHello is handled */
    MARK_RUSTLS_MODULE,    /* and what its log calls that */
    MARK_BORINGSSL,        /* its OpenSSL_version() */
    MARK_BORINGSSL_CLIENT, /* the source files' names, for its error queue */
    MARK_OPENSSL_CLIENT,   /* likewise; libssl itself when it is linked in */
    MARK_BOTAN_CLIENT,     /* a class of its library, in the names that are taken from there */
    MARK_NAMES_OPENSSL,    /* a library's name, for dlopen */
    MARK_NAMES_GNUTLS,
    MARK_NAMES_NSS,
    TLS_MARKS
};

/* Those that the file holds, 1 << enum tls_mark each. */
unsigned tls_marks(const struct elf_file *elf) __attribute__((nonnull, warn_unused_result));

/* As tls_marks, of bytes. */
unsigned tls_marks_in(const void *bytes, size_t size) __attribute__((nonnull, warn_unused_result));

static inline bool tls_marked(unsigned marks, enum tls_mark mark)
{
    return marks & 1U << mark;
}

#endif
