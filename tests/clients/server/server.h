/* The servers of the tests: one TLS server that is whoever its arguments say, the genuine one or an attacker
 * that does what python's can't: early data, pre-shared keys, SRP, no certificate at all, another certificate
 * at the second handshake of a connection, DTLS.
 *
 * It prints `port=N greeting_port=M`, then a line for each connection: how its handshake ended, and every
 * application byte that it got, early data included. At the second port it speaks first. With --commands it
 * obeys its standard input: at each line it ends what has been accepted, and says `synced`; at its end it
 * goes.
 */
#ifndef PINSHIM_TESTS_SERVER_H
#define PINSHIM_TESTS_SERVER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

enum { DATA_SIZE = 16384, WAIT_SECONDS = 10 };

struct options {
    const char *certificate, *key;           /* PEM: the chain, the leaf's key */
    const char *then_certificate, *then_key; /* from a connection's second handshake on */
    const char *psk;                         /* hexadecimal; TLS 1.2 and 1.3 */
    const char *pac;                         /* hexadecimal: the master secret of EAP-FAST (RFC 4851) */
    const char *srp;                         /* password of every user (RFC 5054) */
    const char *ciphers;                     /* of TLS 1.2; by default all there are */
    const char *ciphersuites;                /* of TLS 1.3 */
    const char *groups;                      /* of key exchange: others cost the client a HelloRetryRequest */
    int early_data, no_tickets, half_rtt, datagrams, commands;
};

extern struct options options;

struct connection {
    int number, fd;
    bool greets; /* the server speaks first */
    int handshakes;
    size_t early, length;
    char data[DATA_SIZE];
};

/* main.c */
void die(const char *what) __attribute__((noreturn));

/* options.c: exits where they make no sense. */
void options_parse(int argc, char **argv);

/* context.c */
SSL_CTX *context_new(void);
void context_prepare(SSL *ssl); /* what can only be said to one connection */

/* serve.c: a whole connection, reported; frees the SSL. */
void serve(SSL *ssl, struct connection *connection);

/* datagram.c: connections of DTLS, one after the other, until `until` can be read. */
int datagram_listen(int *port);
void datagram_serve(SSL_CTX *ctx, int fd, int until, int *number);

#endif
