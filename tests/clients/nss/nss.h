/* A TLS client that uses NSS in whatever way its arguments say, and prints what it saw as one line of
 * key=value a connection: what the kit is for OpenSSL. The lines of two runs can be compared byte for byte.
 */
#ifndef PINSHIM_TESTS_NSS_H
#define PINSHIM_TESTS_NSS_H

#include <cert.h>
#include <nspr.h>
#include <nss.h>
#include <pk11pub.h>
#include <plarena.h>
#include <pthread.h>

#include <ssl.h>
#include <sslexp.h>
#include <sslproto.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    SECRET_SIZE = 256,
    TOKEN_SIZE = 8192,
    WAIT_SECONDS = 10,  /* no wait is longer */
    ERROR_MARK = -1234, /* the library's error before each call: what is left of it is in the report */
};

enum moment { MOMENT_BEFORE, MOMENT_WAIT, MOMENT_AFTER };
enum forking { FORK_NONE, FORK_BEFORE };

struct options {
    int port, count, threads, tls; /* tls: an index of versions */
    const char *sni, *then_sni;    /* then_*: of every connection but the first */
    const char *verify_name, *then_verify_name;
    const char *first_name; /* set until the other is, late */
    const char *ca, *secret, *then_secret, *psk;
    const char *verify; /* see verification.c */
    const char *drive;  /* see drive.c */
    int late_names;     /* enum moment: when sni is set */
    int forking;
    bool server_option; /* a server by its options, and a client by SSL_ResetHandshake */
    bool nonblocking, model, reconfigure, layer, reset, token, cache, early, ignore_errors, renegotiate,
        override_late, false_start, by_dlsym, heap, hold;
};

/* What the client saw of one connection. */
struct seen {
    bool handshake;
    int error, os_error;
    long sent, received;
    int verified, overridden; /* calls of its own functions */
    int forced[2];            /* what two writes after a failed handshake returned */
    bool forced_tried;
};

struct connection {
    const struct options *options;
    int number; /* from 1 */
    PRFileDesc *fd;
    char secret[SECRET_SIZE];
    void *start[5];    /* of the handshake, by __builtin_setjmp */
    pthread_t verdict; /* the thread that gives it later */
    bool pending;      /* the verdict is still to be given */
    bool in_thread;    /* by that thread, which runs */
    struct seen seen;
};

/* options.c */
void options_parse(int argc, char **argv, struct options *options);

/* library.c */
void library_start(const struct options *options);
void library_stop(void);

/* heap.c: the program's bytes, not what the heap makes of them. */
size_t heap_in_use(void);

/* connection.c: a whole connection; false where anything failed. */
bool connection_run(const struct options *options, int number);
void connection_rename(const struct connection *connection, enum moment moment);

/* socket.c: connected, TLS, ready for its first call; NULL. */
PRFileDesc *socket_new(struct connection *connection);

/* verification.c */
void verification_set(struct connection *connection, PRFileDesc *fd);
bool verification_conclude(
    struct connection *connection); /* a verdict that was still to be given; false: none was */

/* secrets.c: sessions of the program's own, and a shared key. */
void secrets_set(struct connection *connection);

/* drive.c */
bool drive_known(const char *name);
bool drive_handshake(struct connection *connection); /* and what the driver sends or reads with it */
bool drive_exchange(struct connection *connection);  /* the secret out, the reply in */
bool drive_renegotiation(struct connection *connection);
void drive_regardless(struct connection *connection); /* a program that doesn't look at results */

#endif
