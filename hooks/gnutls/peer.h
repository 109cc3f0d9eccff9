/* What GnuTLS knows of a peer: its names, and the evidence it showed, for shim/judge. */
#ifndef PINSHIM_HOOKS_GNUTLS_PEER_H
#define PINSHIM_HOOKS_GNUTLS_PEER_H

#include "hooks/gnutls/record.h"

enum { PEER_CERTIFICATES = 32 }; /* of a served chain that are looked at */

/* The peer of a session in one handshake. */
struct gnutls_peer {
    const struct session_record *record;
    gnutls_session_t session;
    const struct program_path *program;         /* what the program's verification has found; NULL */
    gnutls_x509_crt_t chain[PEER_CERTIFICATES]; /* as far as it was read, leaf first; owned */
    size_t count;
};

/* To be given back by gnutls_peer_release. */
void gnutls_peer_init(struct gnutls_peer *peer, const struct session_record *record, gnutls_session_t session)
    __attribute__((nonnull(1, 2)));
void gnutls_peer_release(struct gnutls_peer *peer) __attribute__((nonnull));

/* How shim/judge asks a gnutls_peer. */
extern const struct backend gnutls_backend;

/* Every name that the session sends or asks to be verified. Where there is none: whom its transport leads to.
 */
void gnutls_peer_names(const struct session_record *record, gnutls_session_t session,
                       struct identity *identity) __attribute__((nonnull(1, 3)));

/* True where the session sends, or asks to be verified, this name already. */
bool gnutls_peer_is_named(const struct session_record *record, const char *name) __attribute__((nonnull));

/* The name as the library sends and compares it: an A-label. False for what can't be a host's. *lost: it may
 * be one, but there is no memory to tell. */
bool gnutls_peer_name(const struct libgnutls *lib, const char *text, size_t length, char name[NAME_SIZE],
                      bool *lost) __attribute__((nonnull, warn_unused_result));

/* The socket that the library itself reads; -1 where it isn't one. */
int gnutls_peer_socket(const struct session_record *record, gnutls_session_t session)
    __attribute__((nonnull(1)));

/* True where the server has shown a certificate in this very handshake. */
bool gnutls_peer_has_certificate(struct gnutls_peer *peer) __attribute__((nonnull));

#endif
