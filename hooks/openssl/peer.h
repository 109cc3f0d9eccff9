/* What OpenSSL knows of a peer: its names, and the evidence it showed, for shim/judge. */
#ifndef PINSHIM_HOOKS_OPENSSL_PEER_H
#define PINSHIM_HOOKS_OPENSSL_PEER_H

#include "hooks/openssl/record.h"

/* The peer of an SSL in one handshake. Views; owns nothing. */
struct openssl_peer {
    const struct openssl *lib;
    SSL *ssl;
    X509_STORE_CTX *ctx; /* of the program's verification; NULL outside of one */
    bool proven;         /* that verification ran unchanged and without an overridden error */
    enum sent_name sent; /* as it was at the start of the handshake */
    X509 *leaf;          /* the certificate whose pin `leaf_pin` is; NULL: not asked for yet */
    struct pin leaf_pin;
};

/* How shim/judge asks an openssl_peer. */
extern const struct backend openssl_backend;

/* Every name that the SSL sends or asks to be verified: SNI; host names of the verification under way, which
 * the library made from the SSL's parameters and those of its store, or of these where none is. Where there
 * is none: the IP addresses of the same, and at last whom its transport leads to. */
void peer_names(struct openssl_peer *peer, struct identity *identity) __attribute__((nonnull));

/* At the start of a handshake. */
enum sent_name peer_sent_name(const struct openssl *lib, const SSL *ssl)
    __attribute__((nonnull, warn_unused_result));

#endif
