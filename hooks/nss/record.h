/* Our record of a TLS socket of the program: kept in the registry under the library's own socket object,
 * which stands behind the descriptor's TLS layer whatever layers a program pushes above it. Freed when that
 * layer closes.
 */
#ifndef PINSHIM_HOOKS_NSS_RECORD_H
#define PINSHIM_HOOKS_NSS_RECORD_H

#include "hooks/nss/instance.h"
#include "hooks/verification.h"
#include "shim/connection.h"
#include "shim/registry.h"

/* How far a socket has come. Zero-initialised: its handshake hasn't begun. */
enum stage {
    STAGE_NEW = 0,
    STAGE_STARTING, /* a thread is finding out what its peer's names ask for */
    STAGE_WATCHED,  /* nothing passes until the handshake is judged */
    STAGE_OPEN,     /* allowed, or nothing to judge: the library's own functions are called directly */
    STAGE_REFUSED,  /* nothing passes any more */
};

/* Which side of the connection a socket is. Zero-initialised: what its options say when its handshake begins.
 */
enum role { ROLE_BY_OPTION = 0, ROLE_CLIENT, ROLE_SERVER };

/* By its socket (verify.c). */
struct nss_verification {
    struct verification under_way;
    const struct nss *lib;
    const void *outer;     /* the socket of the verification around it; NULL */
    struct identity asked; /* the names that the program asked the library to verify */
};

struct nss_record {
    struct registry_node node; /* object: the library's socket */
    struct nss *lib;
    struct connection connection;
    struct nss_verification *verification; /* owned; NULL: none is under way */
    SSLAuthCertificate program_verify;     /* what the program set; NULL: the library's own stands */
    void *program_verify_argument;
    SSLBadCertHandler program_override;
    void *program_override_argument;
    unsigned char *psk; /* owned: the label of the program's external PSK; NULL: it has none */
    unsigned int psk_length;
    _Atomic(enum stage) stage;
    enum role role;
    bool begun;     /* a handshake has begun since the socket was made or reset */
    bool has_token; /* the program gave it a session of its own */
    bool withheld;  /* from this handshake, something that needs no certificate */
};

/* A record for a socket that is about to be made, of whose kind `model` (or NULL) is; NULL where memory is
 * out.
 */
struct nss_record *nss_record_new(struct nss *lib, const struct nss_record *model)
    __attribute__((nonnull(1), warn_unused_result));

/* Its socket is there: `fd` has it as its uppermost layer. */
void nss_record_attach(struct nss_record *record, PRFileDesc *fd) __attribute__((nonnull));

/* Takes over what a program set on a model, as SSL_ReconfigFD does. */
void nss_record_reconfigure(struct nss_record *record, const struct nss_record *model, PRFileDesc *fd)
    __attribute__((nonnull));

/* Registers our functions for the record's socket with its library. */
void nss_record_register(struct nss_record *record, PRFileDesc *fd) __attribute__((nonnull));

void nss_record_free(struct nss_record *record) __attribute__((nonnull));

/* The TLS layer of a descriptor with such a layer of this instance, wherever in the stack; NULL. */
PRFileDesc *nss_layer(const struct nss *lib, PRFileDesc *fd) __attribute__((nonnull(1), warn_unused_result));

/* The record of a descriptor of any instance, or of none; NULL. */
struct nss_record *nss_record_find(PRFileDesc *fd) __attribute__((warn_unused_result));

/* The same by the TLS layer itself. */
struct nss_record *nss_record_of_layer(const PRFileDesc *layer) __attribute__((nonnull, warn_unused_result));

/* Moves on: a socket that is open calls the library directly, any other calls methods.c. */
void nss_record_set_stage(struct nss_record *record, PRFileDesc *fd, enum stage stage)
    __attribute__((nonnull));

/* The library's error state, as our own calls must leave it. */
struct nss_error {
    PRErrorCode code;
    PRInt32 os;
    int saved_errno;
};

struct nss_error nss_error_save(const struct nss *lib) __attribute__((nonnull, warn_unused_result));
void nss_error_restore(const struct nss *lib, const struct nss_error *error) __attribute__((nonnull));

#endif
