/* A pin: SHA-256 over the DER SubjectPublicKeyInfo of a certificate (RFC 7469, section 2.4).
 *
 * Pure functions over caller's memory: thread-safe, async-signal-safe, safe after fork.
 */
#ifndef PINSHIM_CONFIG_PIN_H
#define PINSHIM_CONFIG_PIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PIN_SIZE = 32,          /* bytes of a SHA-256 digest */
    PIN_TEXT_SIZE = 53,     /* "sha256//", 44 characters of base64, NUL */
    PIN_BASE64_LENGTH = 44, /* of 32 bytes: 43 characters and one '=' */
};

struct pin {
    uint8_t sha256[PIN_SIZE];
};

/* Reads one pin in any of its three spellings: `sha256//BASE64` (curl), `sha256/BASE64` (OkHttp),
 * `pin-sha256="BASE64"` (RFC 7469). The base64 is canonical: 44 characters, padding included, no white
 * space, unused bits zero. True: *pin is the digest. False: *pin is unspecified. */
bool pin_parse(const char *text, struct pin *pin) __attribute__((nonnull, warn_unused_result));

/* The bytes that canonical base64 stands for; a public key of Ed25519 is as long as a digest. */
bool pin_decode(const char text[PIN_BASE64_LENGTH], uint8_t bytes[PIN_SIZE])
    __attribute__((nonnull, warn_unused_result));

/* Writes `sha256//BASE64` and a NUL. */
void pin_format(const struct pin *pin, char text[PIN_TEXT_SIZE]) __attribute__((nonnull));

/* True where the digests are the same, compared as 32 bytes. */
bool pin_equal(const struct pin *a, const struct pin *b) __attribute__((nonnull, warn_unused_result));

#endif
