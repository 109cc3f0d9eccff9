/* A program that has three TLS libraries, and connects by all of them at once for as long as it is asked to.
 */
#ifndef PINSHIM_TESTS_CLIENTS_SOAK_H
#define PINSHIM_TESTS_CLIENTS_SOAK_H

#include <stdbool.h>
#include <stddef.h>

enum { WAIT_SECONDS = 60 };

#define SECRET "secret.1\n"

/* What is done by a library. Its functions may be called by any thread, once it has started. */
struct library {
    const char *name;
    void (*start)(const char *ca);
    /* Connects to 127.0.0.1, verifies the name, says SECRET whatever became of the handshake, and reads an
     * answer. True: it came. False: `why` says what went wrong. */
    bool (*connect)(int port, const char *host, char *why, size_t size);
};

extern const struct library by_openssl, by_gnutls, by_nss;

/* A connected socket; the program ends where there is none. */
int soak_dial(int port) __attribute__((warn_unused_result));

#endif
