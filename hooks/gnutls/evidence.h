/* What a gnutls_peer shows of itself: certificates as pins, and paths. The last three are members of its
 * backend (shim/backend.h). */
#ifndef PINSHIM_HOOKS_GNUTLS_EVIDENCE_H
#define PINSHIM_HOOKS_GNUTLS_EVIDENCE_H

#include "hooks/gnutls/peer.h"
#include "shim/backend.h"

/* What the session holds for the server's leaf, be it that of a session that was resumed; NULL: none. */
gnutls_x509_crt_t gnutls_peer_leaf(struct gnutls_peer *peer) __attribute__((nonnull));

/* Reads all that the server sent into `peer->chain`: how many; 0 where one can't be read, and for a resumed
 * session. *leaf: the first, as it was sent. */
size_t gnutls_peer_read_chain(struct gnutls_peer *peer, const gnutls_datum_t **leaf)
    __attribute__((nonnull, warn_unused_result));

/* The pin of a certificate's key; false where it can't be had. */
bool gnutls_peer_pin_of(const struct libgnutls *lib, const gnutls_datum_t *der, struct pin *pin)
    __attribute__((nonnull, warn_unused_result));

/* One verification of our own: of the leaf of what the server sent, for this host, from the certificates that
 * it sent (but for number `without`, where that isn't 0) to what `trust` holds. The pins of the path, leaf
 * first; 0 where it doesn't verify. */
size_t gnutls_peer_verify(struct gnutls_peer *peer, const char *host, gnutls_x509_trust_list_t trust,
                          size_t without, struct pin *pins, size_t capacity)
    __attribute__((nonnull(1, 2, 5)));

size_t gnutls_peer_served(void *peer, struct pin *pins, size_t capacity) __attribute__((nonnull));
size_t gnutls_peer_program_path(void *peer, const char *host, struct pin *pins, size_t capacity, bool *proven)
    __attribute__((nonnull));
size_t gnutls_peer_own_path(void *peer, const char *host, enum roots roots, const struct policy *policy,
                            size_t without, struct pin *pins, size_t capacity) __attribute__((nonnull));

#endif
