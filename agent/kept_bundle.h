/* The installed bundle, as it was received: what the image on this device is made of. */
#ifndef PINSHIM_AGENT_KEPT_BUNDLE_H
#define PINSHIM_AGENT_KEPT_BUNDLE_H

#include "bundle/payload.h"
#include "bundle/rules.h"

/* A bundle, read. */
struct received {
    struct bundle bundle; /* owned: bundle_free */
    uint8_t digest[BUNDLE_DIGEST_SIZE];
};

/* The kept one. False: there is none, or (told) it is damaged. What root has kept was verified when it came;
 * its keys may have been rotated out since. */
bool kept_bundle_load(struct received *kept) __attribute__((nonnull, warn_unused_result));

/* Writes one into the work folder, and on disk; then puts it in the kept one's place. False, told. */
bool kept_bundle_prepare(const uint8_t *bytes, size_t size) __attribute__((nonnull, warn_unused_result));
bool kept_bundle_put(void) __attribute__((warn_unused_result));

/* SHA-256 of what was signed, whoever signed it. */
bool bundle_digest(const uint8_t *payload, size_t size, uint8_t digest[BUNDLE_DIGEST_SIZE])
    __attribute__((nonnull, warn_unused_result));

#endif
