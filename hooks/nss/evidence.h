/* What an nss_peer shows of itself: certificates as pins, and paths. The last three are members of its
 * backend (shim/backend.h). */
#ifndef PINSHIM_HOOKS_NSS_EVIDENCE_H
#define PINSHIM_HOOKS_NSS_EVIDENCE_H

#include "hooks/nss/peer.h"
#include "shim/backend.h"

bool nss_pin_of(const struct nss_api *api, const CERTCertificate *certificate, struct pin *pin)
    __attribute__((nonnull, warn_unused_result));

/* The pins of a list, leaf first; 0 where one can't be had. */
size_t nss_pins(const struct nss_api *api, const CERTCertList *list, struct pin *pins, size_t capacity)
    __attribute__((nonnull, warn_unused_result));

/* What the server sent in this handshake; to be destroyed. NULL for a resumed session, which shows nothing:
 * what it holds may have come from anywhere. */
CERTCertList *nss_served(const struct nss_peer *peer) __attribute__((nonnull, warn_unused_result));

size_t nss_peer_served(void *peer, struct pin *pins, size_t capacity) __attribute__((nonnull));
size_t nss_peer_program_path(void *peer, const char *host, struct pin *pins, size_t capacity, bool *proven)
    __attribute__((nonnull));
size_t nss_peer_own_path(void *peer, const char *host, enum roots roots, const struct policy *policy,
                         size_t without, struct pin *pins, size_t capacity) __attribute__((nonnull));

#endif
