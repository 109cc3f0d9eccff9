/* Our records of a program's sessions and of its credentials, in the registry. A session's is born and freed
 * with it; only the thread that uses the session uses its record.
 */
#ifndef PINSHIM_HOOKS_GNUTLS_RECORD_H
#define PINSHIM_HOOKS_GNUTLS_RECORD_H

#include "hooks/gnutls/instance.h"
#include "shim/connection.h"
#include "shim/registry.h"

enum { WITHHELD = 3 /* kinds of credentials that go without a certificate */ };

/* Of a gnutls_session_t. */
struct session_record {
    struct registry_node node; /* object: the session */
    struct libgnutls *lib;
    struct connection connection;
    gnutls_certificate_verify_function *program_verify; /* the session's own; NULL: the credentials' */
    char *sni;                                          /* what the library sends, an A-label */
    char own_sni[48];                                   /* it, or it is allocated */
    char *asked;                                        /* what a verification was asked for; owned */
    const char *verify_host;                            /* of gnutls_session_set_verify_cert: the library, */
    const gnutls_typed_vdata_st *verify_data;           /* too, keeps no more than the program's pointers */
    struct kept_session *kept;                          /* resumption.c's; owned */
    struct program_path *path;                          /* program_path.c's; owned */
    void *withheld[WITHHELD];                           /* without_certificate.c's */
    unsigned verify_elements;
    int error;           /* that each further call returns, once `refused` */
    bool server;         /* none of our business */
    bool own_pull;       /* the program reads the transport by a function of its own */
    bool lost;           /* a name that there was no memory for */
    bool unknown_verify; /* a verify function that we can't call stands in the session */
    bool under_way;      /* a handshake has begun, and not come to its end */
    bool driving;        /* gnutls_handshake is being called */
    bool armed;          /* with our verify function in place */
    bool unnamed;        /* the program names nobody */
    bool terminate;      /* a violation isn't only reported */
    bool stale;          /* the program has named somebody since the names were looked up */
    bool negotiated;     /* a handshake has come to its end */
    bool false_start;    /* to its end for the program; the peer's last words are still to be read */
    bool refused;
    bool cut; /* the transport is */
};

/* NULL where it has none. */
struct session_record *session_record_find(gnutls_session_t session) __attribute__((warn_unused_result));

/* A new one, for no session yet; NULL where memory is out. */
struct session_record *session_record_new(struct libgnutls *lib) __attribute__((nonnull, warn_unused_result));
void session_record_bind(struct session_record *record, gnutls_session_t session) __attribute__((nonnull(1)));
void session_record_free(struct session_record *record);

/* The record of a session whose birth went unseen, made now. `original` is its library's own function. NULL:
 * no instance of ours, or no memory (*meeting tells). */
struct session_record *session_record_late(gnutls_session_t session, any_function *original,
                                           enum meeting *meeting)
    __attribute__((nonnull(3), warn_unused_result));

/* Keeps a name, or NULL, as what the session sends. */
void session_record_set_sni(struct session_record *record, const char *name) __attribute__((nonnull(1)));

/* What the program set by gnutls_certificate_set_verify_function. It can't be asked for, so it is noted. */
void credentials_note_verify(const void *credentials, gnutls_certificate_verify_function *function);
gnutls_certificate_verify_function *credentials_verify(const void *credentials)
    __attribute__((warn_unused_result));
void credentials_forget(const void *credentials);

/* False where one couldn't be noted, for want of memory: ours must not stand before it, then. */
bool credentials_are_known(void) __attribute__((warn_unused_result));

#endif
