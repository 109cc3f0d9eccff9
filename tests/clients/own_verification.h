/* A verification of a client's own, in which no TLS is. */
#ifndef PINSHIM_TESTS_CLIENTS_OWN_VERIFICATION_H
#define PINSHIM_TESTS_CLIENTS_OWN_VERIFICATION_H

#include <openssl/ssl.h>
#include <stdlib.h>

/* Of the first root that the context trusts: what X509_verify_cert says. */
static inline int verify_own(SSL_CTX *ctx)
{
    X509_STORE *store = SSL_CTX_get_cert_store(ctx);
    X509_STORE_CTX *own = X509_STORE_CTX_new();
    X509_OBJECT *root = sk_X509_OBJECT_value(X509_STORE_get0_objects(store), 0);
    if (!own || X509_STORE_CTX_init(own, store, X509_OBJECT_get0_X509(root), NULL) != 1)
        exit(2);
    const int result = X509_verify_cert(own);
    X509_STORE_CTX_free(own);
    return result;
}

#endif
