/* Certificate files of a policy: PEM, one certificate or more. */
#ifndef PINSHIM_CONFIG_CERTIFICATE_H
#define PINSHIM_CONFIG_CERTIFICATE_H

#include "config/pin.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct certificate {
    struct pin pin;
    uint8_t *der; /* owned */
    size_t length;
};

/* Zero-initialised is empty. */
struct certificates {
    struct certificate *items; /* owned */
    size_t count;
};

/* Adds the certificates of a file, at least one. False: none was added, and *error says why in one clause
 * ("can't be read: ..."), static or strerror's. OpenSSL's error queue is left empty. */
bool certificates_read(struct certificates *certificates, const char *path, const char **error)
    __attribute__((nonnull, warn_unused_result));

/* Adds the certificate of these bytes. False: they are none. OpenSSL's error queue is left empty. */
bool certificates_add(struct certificates *certificates, const uint8_t *der, size_t length)
    __attribute__((nonnull(1), warn_unused_result));

void certificates_free(struct certificates *certificates) __attribute__((nonnull));

#endif
