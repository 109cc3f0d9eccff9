/* A bundle as a file of the command's. */
#ifndef PINSHIM_TOOLS_BUNDLE_FILE_H
#define PINSHIM_TOOLS_BUNDLE_FILE_H

#include "bundle/envelope.h"
#include "bundle/payload.h"

struct bundle_bytes {
    uint8_t *bytes; /* owned: free */
    size_t size;
};

/* Reads a file, however long it pretends to be, and its envelope, which points into *bytes. False, reported:
 * it can't be read, or is no bundle; there is nothing to free. */
bool bundle_file_open(const char *path, struct bundle_bytes *bytes, struct envelope *envelope)
    __attribute__((nonnull, warn_unused_result));

/* As payload_read. False, reported. */
bool bundle_file_payload(const char *path, const struct envelope *envelope, struct bundle *bundle)
    __attribute__((nonnull, warn_unused_result));

/* Replaces the file, whole or not at all. False, reported. */
bool bundle_file_write(const char *path, const struct envelope *envelope)
    __attribute__((nonnull, warn_unused_result));

#endif
