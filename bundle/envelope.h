/* The outside of a bundle: who signed which bytes. A file of
 *
 *   pinshim-bundle 1
 *   ed25519//BASE64(public key) BASE64(signature)        one line a signature, at least one
 *                                                        an empty line
 *   the payload, to the end
 *
 * Each signature (Ed25519, RFC 8032) is over the first line, with its line end, and the payload. What is in
 * the payload is nobody's business before one of them is found to be by an accepted key. */
#ifndef PINSHIM_BUNDLE_ENVELOPE_H
#define PINSHIM_BUNDLE_ENVELOPE_H

#include "bundle/key.h"

#include <openssl/evp.h>
#include <stdio.h>

#define BUNDLE_FIRST_LINE "pinshim-bundle 1\n"

enum {
    BUNDLE_SIZE_LIMIT = 16 << 20, /* bytes of a whole bundle */
    BUNDLE_SIGNATURE_SIZE = 64,
    BUNDLE_SIGNATURES = 16, /* at most */
};

struct bundle_signature {
    struct bundle_key key;
    uint8_t bytes[BUNDLE_SIGNATURE_SIZE];
};

struct envelope {
    struct bundle_signature signatures[BUNDLE_SIGNATURES];
    size_t signature_count;
    const uint8_t *payload; /* in the bytes that it was read from */
    size_t payload_size;
};

/* NULL: it is an envelope, by whomever. Else a clause that says what is wrong, static. */
const char *envelope_read(struct envelope *envelope, const uint8_t *bytes, size_t size)
    __attribute__((nonnull, warn_unused_result));

/* Did the signature's own key make it? */
bool envelope_signature_holds(const struct envelope *envelope, const struct bundle_signature *signature)
    __attribute__((nonnull, warn_unused_result));

/* The first accepted key that signed it; NULL: none did. */
const struct bundle_key *envelope_signer(const struct envelope *envelope, const struct bundle_key *accepted,
                                         size_t count) __attribute__((nonnull(1), warn_unused_result));

/* Adds the signature of a private key, or puts it in place of that key's own. NULL, or why not, static. */
const char *envelope_sign(struct envelope *envelope, EVP_PKEY *key)
    __attribute__((nonnull, warn_unused_result));

/* The public half of a key of Ed25519; false: it is of another kind. */
bool envelope_key_of(EVP_PKEY *pkey, struct bundle_key *key) __attribute__((nonnull, warn_unused_result));

/* False: the stream has an error. */
bool envelope_write(const struct envelope *envelope, FILE *stream)
    __attribute__((nonnull, warn_unused_result));

#endif
