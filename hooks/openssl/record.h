/* Our records of a program's SSL and SSL_CTX objects, kept in the registry. They are born and freed with the
 * objects; only the thread that uses the object uses its record.
 */
#ifndef PINSHIM_HOOKS_OPENSSL_RECORD_H
#define PINSHIM_HOOKS_OPENSSL_RECORD_H

#include "hooks/openssl/instance.h"
#include "hooks/verification.h"
#include "shim/connection.h"
#include "shim/registry.h"

typedef int security_function(const SSL *, const SSL_CTX *, int, int, int, void *, void *);

/* What SSL_get_servername says of the name that the ClientHello carries. It says what a session of TLS 1.2
 * was made for, where no name is sent and, once that is resumed, in any case. */
enum sent_name {
    SENT_AS_TOLD,
    SENT_NONE,
    SENT_OTHER, /* than the session's: it was looked up at the start */
};

/* By its X509_STORE_CTX (verify.c). */
struct ssl_verification {
    struct verification under_way;
    X509_STORE_CTX_verify_cb program; /* the verify callback that the observer stands before */
    int program_mode;                 /* of the SSL: to be put back, where it was `forced` */
    bool watched;                     /* the host is pinned: the run is evidence */
    bool overridden;                  /* the callback turned an error into success */
    bool proven;                      /* a run of X509_verify_cert proved its path */
};

/* Of an SSL. */
struct ssl_record {
    struct registry_node node; /* object: the SSL */
    struct openssl *lib;
    struct connection connection;
    struct ssl_verification verification;
    info_function *program_info; /* what the program set by SSL_set_info_callback */
    security_function *program_security;
    struct cut_transport *cut; /* transport.c's; NULL: it never was */
    bool detached;        /* the library calls the program's info callback directly, until its call returns */
    bool undecided;       /* the program's callback may still change what the handshake starts with */
    bool forced;          /* verification was turned on to make the library end the handshake */
    bool keep_session;    /* early data is driving: leave the session to SSL_write_early_data */
    bool has_psk;         /* the program gave it pre-shared keys of its own */
    bool withheld;        /* in this handshake, something that needs no certificate was */
    bool early_data_held; /* this handshake carries none: the session did not prove the names */
    uint8_t sent;         /* an enum sent_name; with it, malloc has the record in 144 bytes */
};

/* A program's own verification of an SSL_CTX, by SSL_CTX_set_cert_verify_callback. Immutable. */
struct program_verification {
    struct program_verification *next; /* the one it replaced: another thread may still be inside */
    struct openssl *lib;
    verify_function *callback;
    void *argument;
};

/* Of an SSL_CTX. */
struct ctx_record {
    struct registry_node node; /* object: the SSL_CTX */
    struct openssl *lib;
    struct program_verification *verifications; /* owned; the newest first */
    bool has_psk;
};

/* True for the ex_data classes of the objects that have records. */
static inline bool record_is_of(int class_index)
{
    return class_index == CRYPTO_EX_INDEX_SSL || class_index == CRYPTO_EX_INDEX_SSL_CTX;
}

/* An object of such a class is made, and is freed. */
void record_born(struct openssl *lib, int class_index, void *object) __attribute__((nonnull));
void record_freed(int class_index, const void *object) __attribute__((nonnull));

/* The record of an object of any instance, or of none; NULL. */
struct ssl_record *ssl_record_find(const SSL *ssl) __attribute__((warn_unused_result));
struct ctx_record *ctx_record_find(const SSL_CTX *ctx) __attribute__((warn_unused_result));

/* The same for an object of this instance. One whose birth had no memory for a record gets it now; where
 * there still is none, an SSL's is *spare, to be given back by ssl_record_drop, and a context's NULL. */
struct ssl_record *ssl_record_of(struct openssl *lib, const SSL *ssl, struct ssl_record *spare)
    __attribute__((nonnull, warn_unused_result, returns_nonnull));
struct ctx_record *ctx_record_of(struct openssl *lib, const SSL_CTX *ctx)
    __attribute__((nonnull, warn_unused_result));
void ssl_record_drop(struct ssl_record *record) __attribute__((nonnull)); /* nothing, where it is none */

/* True where nothing that is noted in the record is there at the next call. */
bool ssl_record_is_spare(const struct ssl_record *record) __attribute__((nonnull, warn_unused_result));

#endif
