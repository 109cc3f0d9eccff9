#include "tests/clients/kit/kit.h"

#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The ways in which programs verify, or don't. */

static SSL *ssl_of(X509_STORE_CTX *ctx)
{
    return X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
}

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

static int turn_verification_off(int ok, X509_STORE_CTX *ctx)
{
    (void)ok;
    SSL_set_verify(ssl_of(ctx), SSL_VERIFY_NONE, turn_verification_off);
    return 1;
}

/* From the first error on, another callback answers. */
static int leave_it_to_another(int ok, X509_STORE_CTX *ctx)
{
    (void)ok;
    X509_STORE_CTX_set_verify_cb(ctx, accept_and_forget);
    return 1;
}

static int connect_elsewhere_first(int ok, X509_STORE_CTX *ctx)
{
    struct connection *connection = connection_of(ssl_of(ctx));
    (void)ok;
    if (X509_STORE_CTX_get_error_depth(ctx) == 0 && connection->number < NESTED)
        (void)connection_nested(connection);
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
    names_set_in_verification(ctx, connection_of(ssl_of(ctx)));
    return X509_verify_cert(ctx);
}

static int verify_and_accept(X509_STORE_CTX *ctx, void *argument)
{
    (void)verify_and_return(ctx, argument);
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
}

/* Whatever the server sends is its authority, too. */
static int trust_what_was_sent(X509_STORE_CTX *ctx, void *argument)
{
    (void)argument;
    X509_STORE_CTX_set0_trusted_stack(ctx, X509_STORE_CTX_get0_untrusted(ctx));
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(ctx), X509_V_FLAG_PARTIAL_CHAIN);
    return X509_verify_cert(ctx);
}

/* Asks to be called again, once for each connection. */
static int verify_later(X509_STORE_CTX *ctx, void *argument)
{
    static _Thread_local const SSL *asked;
    SSL *ssl = ssl_of(ctx);
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

static const struct verification {
    const char *name;
    int mode;
    SSL_verify_cb callback;
    int (*instead)(X509_STORE_CTX *, void *); /* of X509_verify_cert */
    X509_STORE_CTX_verify_fn store;           /* the store's own function */
    unsigned long flags;
} verifications[] = {
    {"none", .mode = SSL_VERIFY_NONE},
    {"peer", .mode = SSL_VERIFY_PEER},
    {"late-none", .mode = SSL_VERIFY_PEER}, /* the SSL's own mode, set after its birth */
    {"callback", .mode = SSL_VERIFY_PEER, .callback = accept_all},
    {"callback-forgets", .mode = SSL_VERIFY_PEER, .callback = accept_and_forget},
    {"callback-turns-off", .mode = SSL_VERIFY_PEER, .callback = turn_verification_off},
    {"callback-leaves", .mode = SSL_VERIFY_PEER, .callback = leave_it_to_another},
    {"callback-connects", .mode = SSL_VERIFY_PEER, .callback = connect_elsewhere_first},
    {"none-callback", .mode = SSL_VERIFY_NONE, .callback = accept_all},
    {"instead", .mode = SSL_VERIFY_PEER, .instead = accept_unseen},
    {"instead-none", .mode = SSL_VERIFY_NONE, .instead = accept_unseen},
    {"instead-verifies", .mode = SSL_VERIFY_PEER, .instead = verify_and_return},
    {"instead-overrides", .mode = SSL_VERIFY_PEER, .instead = verify_and_accept},
    {"instead-trusts", .mode = SSL_VERIFY_PEER, .instead = trust_what_was_sent},
    {"instead-later", .mode = SSL_VERIFY_PEER, .instead = verify_later},
    {"store", .mode = SSL_VERIFY_PEER, .store = store_accepts},
    {"no-time", .mode = SSL_VERIFY_PEER, .flags = X509_V_FLAG_NO_CHECK_TIME},
    {"proxies", .mode = SSL_VERIFY_PEER, .flags = X509_V_FLAG_ALLOW_PROXY_CERTS},
    {"partial", .mode = SSL_VERIFY_PEER, .flags = X509_V_FLAG_PARTIAL_CHAIN},
    {"dane", .mode = SSL_VERIFY_PEER}, /* RFC 6698: the keys of --tlsa are all that counts */
};

static const struct verification *verification_find(const char *name)
{
    for (size_t i = 0; i < sizeof verifications / sizeof verifications[0]; i++)
        if (strcmp(verifications[i].name, name) == 0)
            return &verifications[i];
    fprintf(stderr, "kit: bad --verify: %s\n", name);
    exit(2);
}

void verification_set(const struct options *options, SSL_CTX *ctx)
{
    const struct verification *verification = verification_find(options->verify);
    SSL_CTX_set_verify(ctx, verification->mode, verification->callback);
    if (verification->instead)
        SSL_CTX_set_cert_verify_callback(ctx, verification->instead, NULL);
    if (verification->store)
        X509_STORE_set_verify(SSL_CTX_get_cert_store(ctx), verification->store);
    if (verification->flags)
        X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), verification->flags);
    if (strcmp(options->verify, "dane") == 0)
        SSL_CTX_dane_enable(ctx);
}

/* Each of the keys, as "3 1 1": DANE-EE, its SubjectPublicKeyInfo, SHA-256. */
static void enable_dane(const struct options *options, SSL *ssl)
{
    char words[1024];
    unsigned char digest[32];
    size_t length;
    snprintf(words, sizeof words, "%s", options->tlsa ? options->tlsa : "");
    if (SSL_dane_enable(ssl, options->verify_name ? options->verify_name : options->sni) <= 0)
        exit(2);
    for (char *rest = words, *word; (word = strtok_r(rest, ",", &rest));)
        if (!OPENSSL_hexstr2buf_ex(digest, sizeof digest, &length, word, '\0') ||
            SSL_dane_tlsa_add(ssl, 3, 1, 1, digest, length) <= 0)
            exit(2);
}

void verification_set_late(const struct options *options, SSL *ssl)
{
    if (strcmp(options->verify, "late-none") == 0)
        SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
    if (strcmp(options->verify, "dane") == 0)
        enable_dane(options, ssl);
}
