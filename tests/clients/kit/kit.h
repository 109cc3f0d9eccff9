/* The client kit: one TLS client that uses OpenSSL in whatever way its arguments say, and prints what it saw
 * as one line of key=value a connection. The lines of two runs can be compared byte for byte.
 */
#ifndef PINSHIM_TESTS_KIT_H
#define PINSHIM_TESTS_KIT_H

#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    SECRET_SIZE = 256,
    REPLY_SIZE = 4096,
    TRACE_SIZE = 8192,
    QUEUE_SIZE = 1024,
    WAIT_MILLISECONDS = 10000, /* no wait is longer */
    ERRNO_MARK = 99,           /* errno before each call: what is left of it is in the report */
    NESTED = 1000,             /* added to the number of a connection that another's verification makes */
};

enum resume { RESUME_NONE, RESUME_MEMORY, RESUME_IMPORTED, RESUME_DUP, RESUME_COPY, RESUME_BIO_COPY };
enum info { INFO_NONE, INFO_CONTEXT, INFO_EARLY, INFO_LATE };
enum forking { FORK_NONE, FORK_BEFORE, FORK_BETWEEN };

/* When a program says what it says late. */
enum moment {
    MOMENT_BEFORE,  /* not late: before the handshake */
    MOMENT_START,   /* in its info callback, at the handshake's start */
    MOMENT_LOOP,    /* there, before the ClientHello is made */
    MOMENT_MESSAGE, /* in its message callback, once the ClientHello is made */
    MOMENT_WAIT,    /* between two calls of one handshake */
};

/* Where the name to verify is set. */
enum place { PLACE_SSL, PLACE_STORE, PLACE_VERIFICATION, PLACE_LAST_IN_VERIFICATION };

struct options {
    int port, then_port; /* then_*: of every connection but the first */
    const char *sni, *then_sni;
    const char *verify_name, *then_verify_name;
    const char *first_name; /* sent until the others are set, late */
    const char *ca, *secret, *then_secret, *ciphers, *psk, *pac, *srp, *tlsa;
    const char *session_in, *session_out;
    const char *certificate, *key; /* the client's own, for a server that asks, be it after the handshake */
    const char *verify;            /* see verification.c */
    const char *drive;             /* see drive.c */
    const char *check_after;       /* the name to look for in the certificate, once connected */
    int tls;                       /* TLS1_2_VERSION, TLS1_3_VERSION or DTLS1_2_VERSION */
    int count, threads;            /* connections, in a row or one in each thread */
    enum resume resume;
    enum info info;
    enum forking forking;
    enum moment late_names, late_session, late_psk;
    enum place place;
    bool nonblocking, ignore_errors, attach_again, anonymous, dup, clear, swap_context, contexts,
        library_context, renegotiate, first_again, update_keys, psk_session, own_security, read_ahead, async,
        close_stderr, until_eof; /* each thread connects again and again, until stdin ends */
};

/* What the client saw of one connection. */
struct seen {
    bool handshake;
    int ssl_error, system_error;
    int queued; /* errors in the queue before the handshake, the mark included */
    char queue[QUEUE_SIZE];
    long sent, received;
    int forced[2]; /* what two writes after a failed handshake returned */
    bool forced_tried;
    const char *early; /* SSL_get_early_data_status */
    bool info_getter;  /* SSL_get_info_callback told what was set */
    char trace[TRACE_SIZE];
    size_t trace_length;
};

struct connection {
    const struct options *options;
    int number; /* from 1 */
    int fd;
    SSL *ssl;
    SSL *before;        /* of the connection before; NULL */
    BIO *bio;           /* the BIO_f_ssl that drives it; NULL: the SSL functions do */
    BIO *in, *out;      /* buffers that the program empties and fills itself; the SSL's */
    enum moment moment; /* the latest that was reached */
    char secret[SECRET_SIZE];
    struct seen seen;
};

/* options.c: exits with usage on stderr where they make no sense. */
void options_parse(int argc, char **argv, struct options *options);

/* context.c: the caller frees it. */
SSL_CTX *context_new(const struct options *options);

/* verification.c */
void verification_set(const struct options *options, SSL_CTX *ctx);
void verification_set_late(const struct options *options, SSL *ssl); /* what an SSL has of its own */

/* secrets.c: handshakes that rest on a secret instead of a certificate. */
void secrets_set(const struct options *options, SSL_CTX *ctx);
void secrets_set_late(const struct connection *connection);
void secrets_set_early(const struct connection *connection); /* what can be set on an SSL alone */

/* trace.c: the program's own info callback. */
void trace_install_on_context(const struct options *options, SSL_CTX *ctx);
void trace_install(struct connection *connection);
struct connection *connection_of(const SSL *ssl);
void connection_bind(struct connection *connection);

/* moment.c: what is set late, is set when its moment is reached. */
void moment_watch(struct connection *connection);
void moment_reached(struct connection *connection, enum moment moment);

/* transport.c */
int transport_connect(const struct options *options, int port); /* to 127.0.0.1; -1 with errno */
bool transport_attach(struct connection *connection);
bool transport_wait(struct connection *connection, int ssl_error); /* false: no use trying again */
void transport_flush(struct connection *connection);
/* What was sent arrives: a socket that is closed with bytes unread resets the connection, alert and all. */
void transport_close(struct connection *connection);
bool transport_is_chain(const struct options *options);
BIO *transport_chain(SSL_CTX *ctx); /* a BIO that makes its SSL itself; NULL */

/* drive.c */
bool drive_known(const char *name);
bool drive_handshake(struct connection *connection); /* and what the driver sends or reads with it */
bool drive_exchange(struct connection *connection);  /* the secret out, the reply in */
bool drive_renegotiation(struct connection *connection);
bool drive_key_update(struct connection *connection);
void drive_regardless(struct connection *connection); /* a program that doesn't look at results */

/* names.c */
void names_set(struct connection *connection);
void names_set_first(struct connection *connection);
void names_set_in_store(const struct options *options, SSL_CTX *ctx);
void names_set_in_verification(X509_STORE_CTX *ctx, const struct connection *connection);
bool names_fit(const struct connection *connection); /* the program's own check, once connected */

/* session.c: the session of the connection before, for the next one. */
void session_offer(const struct connection *connection);
void session_keep(const struct connection *connection);

/* connection.c: a whole connection. `before`: the one before, whose SSL may be used again. */
bool connection_prepare(struct connection *connection, SSL_CTX *ctx, struct connection *before);
bool connection_shake_hands(struct connection *connection);
bool connection_exchange(struct connection *connection);
void connection_end(struct connection *connection, bool keep_ssl);
bool connection_nested(struct connection *outer); /* another one, while `outer` is being verified */

/* report.c */
void report_errors(struct seen *seen);
void report_print(const struct connection *connection);

#endif
