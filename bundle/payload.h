/* What a bundle holds: a JSON object,
 *
 *   {"version": N, "created": TIME, "expires": TIME, "files": {"pinshim.conf": TEXT, ...}}
 *
 * whose files are a policy's own folder: `pinshim.conf`, `persona.d/`, and the certificates that they name.
 */
#ifndef PINSHIM_BUNDLE_PAYLOAD_H
#define PINSHIM_BUNDLE_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BUNDLE_FILES = 4096,    /* at most */
    BUNDLE_PATH_SIZE = 256, /* bytes of a file's path, with its NUL */
    BUNDLE_ERROR_SIZE = 512,
};

struct bundle_file {
    char *path, *text; /* owned */
    size_t length;
};

/* Zero-initialised is empty. */
struct bundle {
    uint64_t version;          /* from 1 */
    int64_t created, expires;  /* seconds since 1970; expires is the later one */
    struct bundle_file *files; /* owned */
    size_t file_count;
};

/* A path below the policy's folder, and nowhere else: of one to four components, none of them hidden, of
 * letters, digits, blanks, '.', '_', '-', '+', '@' and '='. */
bool bundle_path_is_clean(const char *path) __attribute__((nonnull, warn_unused_result));

/* False: `error` is one clause, and *bundle is empty. */
bool payload_read(struct bundle *bundle, const uint8_t *bytes, size_t size, char error[BUNDLE_ERROR_SIZE])
    __attribute__((nonnull, warn_unused_result));

/* The payload of a bundle, the caller's to free. NULL: `error` is one clause. */
char *payload_write(const struct bundle *bundle, char error[BUNDLE_ERROR_SIZE])
    __attribute__((nonnull, warn_unused_result));

/* Adds a file, copied. False: no memory. */
bool bundle_add(struct bundle *bundle, const char *path, const char *text, size_t length)
    __attribute__((nonnull, warn_unused_result));

void bundle_free(struct bundle *bundle) __attribute__((nonnull));

#endif
