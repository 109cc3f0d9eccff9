/* Where `pinshim pin` finds certificates: a file, or a server. */
#ifndef PINSHIM_TOOLS_PIN_SOURCE_H
#define PINSHIM_TOOLS_PIN_SOURCE_H

#include "tools/endpoint.h"
#include "tools/served.h"

#include <openssl/x509.h>
#include <stdbool.h>

enum { PIN_SOURCE_ERROR_SIZE = SERVED_ERROR_SIZE + 64 };

struct pin_source {
    const char *name; /* as it was asked for */
    bool is_server;   /* `endpoint` is valid; else a file, whose certificates prove nothing */
    struct endpoint endpoint;
    struct served served;              /* of a file: its certificates in their order, and no path */
    char error[PIN_SOURCE_ERROR_SIZE]; /* empty, or why it could not be read, or not to its end */
};

/* What exists is a file, and so is what can't be a host's name. */
bool pin_source_is_file(const char *name) __attribute__((nonnull, warn_unused_result));

/* Reads the file, or asks the server, verifying against `roots` (served.h). False: `error` says what is
 * wrong; the certificates before a damaged one are there all the same. pin_source_free in any case. */
bool pin_source_read(struct pin_source *source, const char *name, const char *roots)
    __attribute__((nonnull(1, 2), warn_unused_result));

void pin_source_free(struct pin_source *source) __attribute__((nonnull));

#endif
