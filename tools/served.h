/* The certificates that a TLS server serves. */
#ifndef PINSHIM_TOOLS_SERVED_H
#define PINSHIM_TOOLS_SERVED_H

#include "tools/endpoint.h"

#include <openssl/ssl.h>

enum { SERVED_TIMEOUT = 10, SERVED_ERROR_SIZE = 256 }; /* seconds for connection and handshake together */

struct served {
    STACK_OF(X509) * chain; /* leaf first, at least that; owned: served_free */
    STACK_OF(X509) * path;  /* as it verified, leaf first up to the root; NULL where it doesn't; owned */
    SSL *ssl;               /* what showed all this, its transport gone; owned */
    long verified;          /* X509_V_OK: the chain verifies, for this host and now; else why not */
};

/* Connects, shakes hands with the host's name as SNI, and leaves. Verifies against the roots in `roots`, a
 * PEM file, or (NULL) the system's. False: `error` says why, and there is nothing to free. */
bool served_fetch(const struct endpoint *endpoint, const char *roots, struct served *served,
                  char error[SERVED_ERROR_SIZE]) __attribute__((nonnull(1, 3, 4), warn_unused_result));

void served_free(struct served *served) __attribute__((nonnull));

#endif
