/* The client kit: one TLS client that uses OpenSSL in whatever way its arguments say, and prints what it saw
 * as one line of key=value a connection. The lines of two runs can be compared byte for byte.
 */
#ifndef PINSHIM_TESTS_KIT_H
#define PINSHIM_TESTS_KIT_H

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
};

enum resume { RESUME_NONE, RESUME_MEMORY, RESUME_IMPORTED, RESUME_DUP, RESUME_COPY };
enum info { INFO_NONE, INFO_CONTEXT, INFO_EARLY, INFO_LATE };
enum forking { FORK_NONE, FORK_BEFORE, FORK_BETWEEN };

struct options {
    int port, then_port; /* then_*: of every connection but the first */
    const char *sni, *then_sni;
    const char *verify_name, *then_verify_name;
    const char *rename; /* the name to verify, set once the handshake is under way */
    const char *ca, *secret, *ciphers, *psk;
    const char *session_in, *session_out;
    const char *verify; /* see context.c */
    const char *drive;  /* see drive.c */
    int tls;            /* TLS1_2_VERSION or TLS1_3_VERSION */
    int count, threads; /* connections, in a row or one in each thread */
    enum resume resume;
    enum info info;
    enum forking forking;
    bool nonblocking, names_late, ignore_errors, anonymous, dup, clear, swap_context, renegotiate,
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
    BIO *bio; /* the BIO_f_ssl that drives it; NULL: the SSL functions do */
    char secret[SECRET_SIZE];
    struct seen seen;
};

/* options.c: exits with usage on stderr where they make no sense. */
void options_parse(int argc, char **argv, struct options *options);

/* context.c: the caller frees it. */
SSL_CTX *context_new(const struct options *options);
bool context_set_verify_late(const struct options *options, SSL *ssl);

/* trace.c: the program's own info callback. */
void trace_install_on_context(const struct options *options, SSL_CTX *ctx);
void trace_install(struct connection *connection);
struct connection *connection_of(const SSL *ssl);
void connection_bind(struct connection *connection);

/* transport.c */
int transport_connect(int port); /* to 127.0.0.1; -1 with errno */
bool transport_attach(struct connection *connection);
bool transport_wait(struct connection *connection, int ssl_error); /* false: no use trying again */
void transport_flush(struct connection *connection);

/* drive.c */
bool drive_known(const char *name);
bool drive_handshake(struct connection *connection); /* and what the driver sends or reads with it */
bool drive_exchange(struct connection *connection);  /* the secret out, the reply in */
bool drive_renegotiation(struct connection *connection);
void drive_regardless(struct connection *connection); /* a program that doesn't look at results */

/* names.c */
void names_set(struct connection *connection);
void name_change(struct connection *connection);

/* session.c: the session of the connection before, for the next one. */
void session_offer(const struct connection *connection, SSL *before);
void session_keep(const struct connection *connection);

/* report.c */
void report_errors(struct seen *seen);
void report_print(const struct connection *connection);

#endif
