#include "tests/clients/kit/kit.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>

static void require(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "kit: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(2);
}

/* A program's own idea of what is secure enough. */
static int find_all_secure(const SSL *ssl, const SSL_CTX *ctx, int operation, int bits, int nid, void *other,
                           void *extra)
{
    (void)ssl, (void)ctx, (void)operation, (void)bits, (void)nid, (void)other, (void)extra;
    return 1;
}

/* A certificate of the client's own, for a server that asks for it in the handshake or (TLS 1.3) after it. */
static void set_own_certificate(const struct options *options, SSL_CTX *ctx)
{
    require(SSL_CTX_use_certificate_chain_file(ctx, options->certificate), options->certificate);
    require(SSL_CTX_use_PrivateKey_file(ctx, options->key, SSL_FILETYPE_PEM), options->key);
    SSL_CTX_set_post_handshake_auth(ctx, 1);
}

SSL_CTX *context_new(const struct options *options)
{
    SSL_CTX *ctx = SSL_CTX_new(options->tls == DTLS1_2_VERSION ? DTLS_client_method() : TLS_client_method());
    require(ctx != NULL, "no context");
    require(SSL_CTX_set_min_proto_version(ctx, options->tls), "version");
    require(SSL_CTX_set_max_proto_version(ctx, options->tls), "version");
    if (options->ca)
        require(SSL_CTX_load_verify_file(ctx, options->ca), options->ca);
    if (options->ciphers)
        require(SSL_CTX_set_cipher_list(ctx, options->ciphers), options->ciphers);
    if (options->certificate)
        set_own_certificate(options, ctx);
    if (options->anonymous)
        require(SSL_CTX_set_cipher_list(ctx, "aNULL:ALL:@SECLEVEL=0"), "anonymous ciphers");
    if (options->own_security)
        SSL_CTX_set_security_callback(ctx, find_all_secure);
    secrets_set(options, ctx);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    verification_set(options, ctx);
    names_set_in_store(options, ctx);
    trace_install_on_context(options, ctx);
    return ctx;
}
