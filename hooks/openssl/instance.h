/* The OpenSSL libraries of this process: hooks/instance.h. Met at their first SSL_CTX, or at what is seen of
 * them first. */
#ifndef PINSHIM_HOOKS_OPENSSL_INSTANCE_H
#define PINSHIM_HOOKS_OPENSSL_INSTANCE_H

#include "hooks/instance.h"
#include "hooks/openssl/exports.h"

#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#define API(name) __typeof__ (&(name))(name);
struct openssl_api {
#include "hooks/openssl/api.def"
};
#undef API

struct file_roots;

/* A pointer to this is written `lib`, so that a call reads lib->api.SSL_get_fd(ssl). */
struct openssl {
    struct instance instance; /* the libssl */
    struct openssl_api api;
    OSSL_LIB_CTX *home;                      /* OpenSSL's default context, which the index is of */
    int session_index;                       /* of our ex_data in a session */
    _Atomic(struct file_roots *) file_roots; /* own_path.c's; NULL: not read yet */
    /* The functions of a verification that nobody changed. */
    X509_STORE_CTX_verify_fn default_verify;
    X509_STORE_CTX_check_issued_fn default_check_issued;
    X509_STORE_CTX_get_issuer_fn default_get_issuer;
};

/* The known instance whose libssl holds this code; NULL where there is none. */
struct openssl *openssl_of_code(const void *code) __attribute__((nonnull, warn_unused_result));

/* As openssl_of_code, but an instance that isn't known yet becomes so. Called in the making of an SSL_CTX,
 * mostly: no object of the instance escapes. */
enum meeting openssl_meet(const void *code, struct openssl **lib)
    __attribute__((nonnull, warn_unused_result));

/* False in a thread that has a library context of its own: our session_index may be the program's there. */
bool openssl_is_at_home(const struct openssl *lib) __attribute__((nonnull, warn_unused_result));

/* The known instance whose X509_verify_cert this is; NULL. */
struct openssl *openssl_of_verify(int (*verify)(X509_STORE_CTX *)) __attribute__((warn_unused_result));

#endif
