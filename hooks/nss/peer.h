/* What NSS knows of a peer: its names, and the evidence it showed, for shim/judge. */
#ifndef PINSHIM_HOOKS_NSS_PEER_H
#define PINSHIM_HOOKS_NSS_PEER_H

#include "hooks/nss/record.h"

/* The peer of a socket in one handshake. Views; owns nothing. */
struct nss_peer {
    const struct nss *lib;
    PRFileDesc *fd;
    bool fresh; /* the certificate came in this handshake: it is being verified */
    bool has_leaf_pin;
    struct pin leaf_pin;
};

/* How shim/judge asks an nss_peer. */
extern const struct backend nss_backend;

/* Adds the name that the socket sends and has verified; to an identity that then is empty: whom its transport
 * leads to. */
void nss_peer_names(const struct nss *lib, PRFileDesc *fd, struct identity *identity)
    __attribute__((nonnull));

#endif
