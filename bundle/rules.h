/* May a bundle take the place of the one before it? A pure decision: no rollback, no freeze. */
#ifndef PINSHIM_BUNDLE_RULES_H
#define PINSHIM_BUNDLE_RULES_H

#include "bundle/payload.h"

enum { BUNDLE_DIGEST_SIZE = 32 /* SHA-256 of a payload */ };

/* What is known of the past. Zero-initialised: nothing has ever been installed. */
struct bundle_past {
    uint64_t version; /* the highest that was accepted; 0: none */
    uint8_t digest[BUNDLE_DIGEST_SIZE];
    int64_t created, expires; /* of that bundle */
    int64_t time;             /* the latest that is known to have passed: the clock may be set back */
};

/* Zero means refused. */
enum bundle_ruling {
    BUNDLE_REFUSED = 0, /* `reason` is one clause */
    BUNDLE_SAME,        /* it is the accepted one */
    BUNDLE_NEWER,
};

/* `now`: what the clock says. */
enum bundle_ruling bundle_judge(const struct bundle_past *past, const struct bundle *bundle,
                                const uint8_t digest[BUNDLE_DIGEST_SIZE], int64_t now,
                                char reason[BUNDLE_ERROR_SIZE]) __attribute__((nonnull, warn_unused_result));

/* Takes an accepted bundle into the past; also the same one, found to be the newest again. The clock counts
 * only up to the bundle's end: what is signed bounds what a wrong clock can spoil. */
void bundle_accept(struct bundle_past *past, const struct bundle *bundle,
                   const uint8_t digest[BUNDLE_DIGEST_SIZE], int64_t now) __attribute__((nonnull));
void bundle_confirm(struct bundle_past *past, int64_t now) __attribute__((nonnull));

/* How old the accepted bundle is: a publisher who is kept from us can't renew it. */
enum bundle_age { BUNDLE_FRESH, BUNDLE_STALE /* in the last quarter of its life */, BUNDLE_EXPIRED };

enum bundle_age bundle_age(const struct bundle_past *past, int64_t now)
    __attribute__((nonnull, warn_unused_result));

#endif
