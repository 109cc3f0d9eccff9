/* What an openssl_peer shows of itself: certificates as pins, and paths. The last three are members of its
 * backend (shim/backend.h). */
#ifndef PINSHIM_HOOKS_OPENSSL_EVIDENCE_H
#define PINSHIM_HOOKS_OPENSSL_EVIDENCE_H

#include "hooks/openssl/peer.h"
#include "shim/backend.h"

/* Number i of a chain; NULL beyond its end, and for a chain that is NULL. */
X509 *peer_certificate(const struct openssl *lib, const STACK_OF(X509) * chain, int i)
    __attribute__((nonnull(1)));

/* The pins of a chain, leaf first; 0 where one can't be had. */
size_t peer_pins(struct openssl_peer *peer, const STACK_OF(X509) * chain, struct pin *pins, size_t capacity)
    __attribute__((nonnull(1, 3)));

/* As libssl holds it, not the verification's context, which a program's callback may have changed. NULL for a
 * resumed session, which shows nothing: what it holds may have come from anywhere. */
const STACK_OF(X509) * peer_served_chain(const struct openssl_peer *peer) __attribute__((nonnull));

size_t peer_served(void *peer, struct pin *pins, size_t capacity) __attribute__((nonnull));
size_t peer_program_path(void *peer, const char *host, struct pin *pins, size_t capacity, bool *proven)
    __attribute__((nonnull));
size_t peer_own_path(void *peer, const char *host, enum roots roots, const struct policy *policy,
                     size_t without, struct pin *pins, size_t capacity) __attribute__((nonnull));

#endif
