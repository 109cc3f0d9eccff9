/* The GnuTLS kit: one TLS client that uses GnuTLS in whatever way its arguments say, and prints what it saw
 * as one line of key=value a connection. The lines of two runs can be compared byte for byte.
 */
#ifndef PINSHIM_TESTS_GNUTLS_KIT_H
#define PINSHIM_TESTS_GNUTLS_KIT_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    SECRET_SIZE = 256,
    NAME_SIZE = 256,
    WAIT_MILLISECONDS = 10000, /* no wait is longer */
    ERRNO_MARK = 99,           /* errno before each call: what is left of it is in the report */
    NESTED = 1000,             /* added to the number of a connection that another's verification makes */
};

enum tls { TLS_1_2, TLS_1_3, DTLS_1_2 };
enum drive { DRIVE_DESCRIPTOR, DRIVE_FUNCTIONS, DRIVE_FALSE_START, DRIVE_EARLY_DATA };
enum forking { FORK_NONE, FORK_BEFORE, FORK_BETWEEN };

/* When the names are set. */
enum moment { MOMENT_BEFORE, MOMENT_HELLO, MOMENT_WAIT };

enum verify {
    VERIFY_NONE,
    VERIFY_CERT,             /* gnutls_session_set_verify_cert */
    VERIFY_CERT2,            /* gnutls_session_set_verify_cert2 */
    VERIFY_CHAIN,            /* the former, without a name */
    VERIFY_SESSION,          /* a function of the session that verifies */
    VERIFY_SESSION_ACCEPTS,  /* one that returns 0 */
    VERIFY_SESSION_REPLACES, /* one that sets another in its place, which returns 0 */
    VERIFY_SESSION_CONNECTS, /* one that makes another connection, and verifies then */
    VERIFY_SESSION_FETCHES, /* one that verifies, and makes another connection that verifies when connected */
    VERIFY_CREDENTIALS,     /* functions of the credentials */
    VERIFY_CREDENTIALS_ACCEPTS,
    VERIFY_AFTER,       /* gnutls_certificate_verify_peers3, once connected */
    VERIFY_AFTER_APART, /* gnutls_certificate_verify_peers2 and gnutls_x509_crt_check_hostname */
    VERIFY_JUMPS,       /* one that jumps out of the first connection's, and verifies; and once connected */
    VERIFY_NO_TIME,     /* gnutls_session_set_verify_cert, the time left out */
    VERIFY_LENT_NAME,   /* that; what it is given is gone when connected; then --then-verify-name */
    VERIFY_LENT_DATA,   /* the same with gnutls_session_set_verify_cert2 */
};

struct options {
    int port, then_port, count, threads; /* then_*: of every connection but the first */
    const char *sni, *then_sni, *verify_name, *then_verify_name, *first_name, *check_after;
    const char *ca, *secret, *then_secret, *psk, *srp, *session_in, *session_out, *priority;
    int tls, drive, verify, resume, forking, late_names;
    bool nonblocking, ignore_errors, attach_again, anonymous, renegotiate, update_keys, offer_first,
        no_credentials, unseen_birth, raw_keys;
};

struct connection {
    const struct options *options;
    int number, fd; /* numbers from 1 */
    gnutls_session_t session;
    void *start[5]; /* of the handshake, by __builtin_setjmp */
    gnutls_certificate_credentials_t credentials;
    gnutls_psk_client_credentials_t psk;
    gnutls_anon_client_credentials_t anonymous;
    gnutls_srp_client_credentials_t srp;
    gnutls_typed_vdata_st verify_data[2];
    struct lent *lent;
    gnutls_datum_t resumption; /* of the connection before; not owned */
    gnutls_datum_t kept;       /* of this one */
    char secret[SECRET_SIZE];
    bool named;
    /* What was seen. */
    bool handshake;
    int error, system_error, waits;
    long sent, received, early;
    int forced[3];
    bool forced_tried;
};

/* options.c: exits with usage on stderr where they make no sense. */
void options_parse(int argc, char **argv, struct options *options);

/* transport.c */
int transport_connect(const struct connection *connection); /* to 127.0.0.1; -1 with errno */
void transport_attach(struct connection *connection);
bool transport_wait(struct connection *connection, int error); /* false: no use trying again */
void transport_close(struct connection *connection);

/* secrets.c */
void secrets_set(struct connection *connection);
void secrets_free(struct connection *connection);
const char *secrets_priority(const struct options *options);

/* verification.c */
void verification_set(struct connection *connection);
bool verification_after(struct connection *connection);
const char *verification_name(const struct connection *connection);

/* connection.c */
bool connection_prepare(struct connection *connection, const struct connection *before);
bool connection_shake_hands(struct connection *connection);
bool connection_exchange(struct connection *connection);
void connection_end(struct connection *connection);
bool connection_nested(const struct connection *outer); /* another one, while `outer` is being verified */
void connection_name(struct connection *connection);
void connection_report(const struct connection *connection);
bool is_then(const struct connection *connection);

#endif
