/* Paths of certificates: what a verification of the library's is watched to find, the program's or our own.
 */
#ifndef PINSHIM_HOOKS_GNUTLS_PATH_H
#define PINSHIM_HOOKS_GNUTLS_PATH_H

#include "hooks/gnutls/peer.h"
#include "hooks/verification.h"
#include "shim/backend.h"

/* The links of a path while it is being verified. */
struct links {
    const struct libgnutls *lib;
    struct links *outer;
    gnutls_verify_output_function *program; /* is told, too; NULL */
    bool for_servers;                       /* no issuer is kept from issuing for servers */
    size_t count;
    gnutls_x509_crt_t issued[PEER_CERTIFICATES], issuer[PEER_CERTIFICATES];
    struct pin pins[PEER_CERTIFICATES]; /* of the issuers */
};

/* gnutls_x509_trust_list_verify_crt2, watched: its result, and the links that it verified. */
int links_watch(struct links *links, gnutls_x509_trust_list_t trust, gnutls_x509_crt_t *chain,
                unsigned length, gnutls_typed_vdata_st *data, unsigned elements, unsigned flags,
                unsigned *status) __attribute__((nonnull(1), warn_unused_result));

/* The pins of the path, leaf first (`der` is its own): from the leaf up, link by link. */
size_t links_follow(const struct links *links, gnutls_x509_crt_t leaf, const gnutls_datum_t *der,
                    struct pin *pins, size_t capacity) __attribute__((nonnull(1, 3, 4)));

/* True where a certificate's purposes, if it has any, allow for servers (or for issuing to them). */
bool may_serve(const struct libgnutls *lib, gnutls_x509_crt_t crt, const gnutls_datum_t *der)
    __attribute__((nonnull(1, 3), warn_unused_result));

/* A path that the program's own verification found in the midst of its handshake. By its session. */
struct program_path {
    struct verification under_way;
    const struct session_record *record;
    gnutls_session_t session, outer; /* `outer`: of the verification around it, or none */
    char host[NAME_SIZE];            /* that it was verified for */
    size_t count;                    /* 0: none was found, or not everything was checked that must be */
    struct pin pins[PEER_CERTIFICATES];
};

/* Around the program's verify function of a session: what it has the library verify in this thread. The
 * record owns the path; NULL where memory is out. */
struct program_path *program_path_begin(struct session_record *record, gnutls_session_t session)
    __attribute__((nonnull(1), warn_unused_result));
void program_path_end(struct program_path *path);
void program_path_free(struct session_record *record) __attribute__((nonnull));

#endif
