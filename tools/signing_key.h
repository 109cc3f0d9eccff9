/* Keys of Ed25519 that the command is given. */
#ifndef PINSHIM_TOOLS_SIGNING_KEY_H
#define PINSHIM_TOOLS_SIGNING_KEY_H

#include "bundle/key.h"

#include <openssl/evp.h>

/* The private key in a PEM file, or behind a URI that OpenSSL's providers know (a token's). NULL, reported.
 * A pass phrase is asked for at the terminal. */
EVP_PKEY *signing_key_open(const char *path) __attribute__((nonnull, warn_unused_result));

/* A public key: `ed25519//BASE64`, or the file or URI of a public or private key. False, reported. */
bool signing_key_public(const char *text, struct bundle_key *key)
    __attribute__((nonnull, warn_unused_result));

#endif
