#include "tests/clients/kit/kit.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The ways in which programs verify, or don't. */

static int accept_all(int ok, X509_STORE_CTX *ctx)
{
    (void)ok;
    (void)ctx;
    return 1;
}

static int accept_and_forget(int ok, X509_STORE_CTX *ctx)
{
    (void)ok;
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

static int accept_unseen(X509_STORE_CTX *ctx, void *argument)
{
    (void)ctx;
    (void)argument;
    return 1;
}

static int verify_and_return(X509_STORE_CTX *ctx, void *argument)
{
    (void)argument;
    return X509_verify_cert(ctx);
}

static int verify_and_accept(X509_STORE_CTX *ctx, void *argument)
{
    (void)argument;
    (void)X509_verify_cert(ctx);
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

/* Asks to be called again, once for each connection. */
static int verify_later(X509_STORE_CTX *ctx, void *argument)
{
    static _Thread_local const SSL *asked;
    SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
    (void)argument;
    if (asked == ssl) {
        asked = NULL;
        return X509_verify_cert(ctx);
    }
    asked = ssl;
    return SSL_set_retry_verify(ssl);
}

static int store_accepts(X509_STORE_CTX *ctx)
{
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

static const struct {
    const char *name;
    int mode;
    SSL_verify_cb callback;
    int (*instead)(X509_STORE_CTX *, void *); /* of X509_verify_cert */
} verifications[] = {
    {"none", SSL_VERIFY_NONE, NULL, NULL},
    {"peer", SSL_VERIFY_PEER, NULL, NULL},
    {"late-none", SSL_VERIFY_PEER, NULL, NULL}, /* the SSL's own mode, set after its birth */
    {"callback", SSL_VERIFY_PEER, accept_all, NULL},
    {"callback-forgets", SSL_VERIFY_PEER, accept_and_forget, NULL},
    {"none-callback", SSL_VERIFY_NONE, accept_all, NULL},
    {"instead", SSL_VERIFY_PEER, NULL, accept_unseen},
    {"instead-none", SSL_VERIFY_NONE, NULL, accept_unseen},
    {"instead-verifies", SSL_VERIFY_PEER, NULL, verify_and_return},
    {"instead-overrides", SSL_VERIFY_PEER, NULL, verify_and_accept},
    {"instead-later", SSL_VERIFY_PEER, NULL, verify_later},
    {"store", SSL_VERIFY_PEER, NULL, NULL}, /* the store's own function */
};

static void set_verification(const struct options *options, SSL_CTX *ctx)
{
    for (size_t i = 0; i < sizeof verifications / sizeof verifications[0]; i++) {
        if (strcmp(verifications[i].name, options->verify) != 0)
            continue;
        SSL_CTX_set_verify(ctx, verifications[i].mode, verifications[i].callback);
        if (verifications[i].instead)
            SSL_CTX_set_cert_verify_callback(ctx, verifications[i].instead, NULL);
        if (strcmp(options->verify, "store") == 0)
            X509_STORE_set_verify(SSL_CTX_get_cert_store(ctx), store_accepts);
        return;
    }
    fprintf(stderr, "kit: bad --verify: %s\n", options->verify);
    exit(2);
}

bool context_set_verify_late(const struct options *options, SSL *ssl)
{
    if (strcmp(options->verify, "late-none") != 0)
        return false;
    SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
    return true;
}

/* One key for TLS 1.2 and 1.3, as `openssl s_client -psk` has it. */
static _Thread_local const char *psk_hex;

static unsigned int give_psk(SSL *ssl, const char *hint, char *identity, unsigned int identity_size,
                             unsigned char *psk, unsigned int psk_size)
{
    size_t length = 0;
    (void)ssl;
    (void)hint;
    if (!psk_hex || !OPENSSL_hexstr2buf_ex(psk, psk_size, &length, psk_hex, '\0'))
        return 0;
    snprintf(identity, identity_size, "kit");
    return (unsigned int)length;
}

static void require(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "kit: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(2);
}

SSL_CTX *context_new(const struct options *options)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    require(ctx != NULL, "no context");
    require(SSL_CTX_set_min_proto_version(ctx, options->tls), "version");
    require(SSL_CTX_set_max_proto_version(ctx, options->tls), "version");
    if (options->ca)
        require(SSL_CTX_load_verify_file(ctx, options->ca), options->ca);
    if (options->ciphers)
        require(SSL_CTX_set_cipher_list(ctx, options->ciphers), options->ciphers);
    if (options->anonymous)
        require(SSL_CTX_set_cipher_list(ctx, "aNULL:ALL:@SECLEVEL=0"), "anonymous ciphers");
    if (options->psk) {
        psk_hex = options->psk;
        SSL_CTX_set_psk_client_callback(ctx, give_psk);
    }
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    set_verification(options, ctx);
    trace_install_on_context(options, ctx);
    return ctx;
}
