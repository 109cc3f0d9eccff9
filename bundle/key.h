/* Public keys of Ed25519 (RFC 8032) as policies and bundles spell them: `ed25519//BASE64`, 32 bytes. */
#ifndef PINSHIM_BUNDLE_KEY_H
#define PINSHIM_BUNDLE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUNDLE_KEY_PREFIX "ed25519//"

enum {
    BUNDLE_KEY_SIZE = 32,
    BUNDLE_KEY_LENGTH = sizeof BUNDLE_KEY_PREFIX - 1 + 44, /* characters of a key's text */
};

struct bundle_key {
    uint8_t bytes[BUNDLE_KEY_SIZE];
};

/* Exactly BUNDLE_KEY_LENGTH characters, the base64 canonical. False: *key is unspecified. */
bool bundle_key_read(const char *text, size_t length, struct bundle_key *key)
    __attribute__((nonnull, warn_unused_result));

/* The text and a NUL. */
void bundle_key_format(const struct bundle_key *key, char text[BUNDLE_KEY_LENGTH + 1])
    __attribute__((nonnull));

bool bundle_key_equal(const struct bundle_key *a, const struct bundle_key *b)
    __attribute__((nonnull, warn_unused_result));

#endif
