/* What the server has to show: certificates, shared secrets, or nothing. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "tests/clients/server/server.h"

#include <openssl/srp.h>
#include <string.h>

static SRP_user_pwd *srp_user;

/* Called for each handshake of a connection, before its certificate is chosen. */
static int choose_certificate(SSL *ssl, void *argument)
{
    struct connection *connection = SSL_get_app_data(ssl);
    (void)argument;
    if (connection->handshakes++ == 0 || !options.then_certificate)
        return 1;
    return SSL_use_certificate_chain_file(ssl, options.then_certificate) == 1 &&
           SSL_use_PrivateKey_file(ssl, options.then_key, SSL_FILETYPE_PEM) == 1;
}

static unsigned int give_psk(SSL *ssl, const char *identity, unsigned char *psk, unsigned int psk_size)
{
    size_t length = 0;
    (void)ssl;
    (void)identity;
    return OPENSSL_hexstr2buf_ex(psk, psk_size, &length, options.psk, '\0') ? (unsigned int)length : 0;
}

/* TLS 1.3, with early data: the session that the client made of the same key. */
static int find_psk_session(SSL *ssl, const unsigned char *identity, size_t identity_length,
                            SSL_SESSION **session)
{
    static const unsigned char aes_128_gcm_sha256[] = {0x13, 0x01};
    unsigned char key[64];
    size_t length = 0;
    if (identity_length != 3 || memcmp(identity, "kit", 3) != 0 ||
        !OPENSSL_hexstr2buf_ex(key, sizeof key, &length, options.psk, '\0'))
        return 1; /* not ours: a ticket */
    *session = SSL_SESSION_new();
    return *session && SSL_SESSION_set1_master_key(*session, key, length) &&
           SSL_SESSION_set_cipher(*session, SSL_CIPHER_find(ssl, aes_128_gcm_sha256)) &&
           SSL_SESSION_set_protocol_version(*session, TLS1_3_VERSION) &&
           SSL_SESSION_set_max_early_data(*session, DATA_SIZE);
}

static int give_pac(SSL *ssl, void *secret, int *length, STACK_OF(SSL_CIPHER) * peer,
                    const SSL_CIPHER **cipher, void *argument)
{
    static const unsigned char ecdhe_ecdsa_aes_256_gcm_sha384[] = {0xc0, 0x2c};
    size_t size = 0;
    (void)peer, (void)argument;
    if (!OPENSSL_hexstr2buf_ex(secret, (size_t)*length, &size, options.pac, '\0'))
        return 0;
    *length = (int)size;
    *cipher = SSL_CIPHER_find(ssl, ecdhe_ecdsa_aes_256_gcm_sha384);
    return 1;
}

static int know_user(SSL *ssl, int *alert, void *argument)
{
    (void)alert, (void)argument;
    return SSL_set_srp_server_param(ssl, srp_user->N, srp_user->g, srp_user->s, srp_user->v,
                                    srp_user->info) == 1
               ? SSL_ERROR_NONE
               : SSL3_AL_FATAL;
}

static void set_srp(SSL_CTX *ctx)
{
    SRP_gN *gN = SRP_get_default_gN("2048");
    srp_user = SRP_user_pwd_new();
    if (!gN || !srp_user)
        die("srp");
    SRP_user_pwd_set_gN(srp_user, gN->g, gN->N);
    if (!SRP_create_verifier_BN("kit", options.srp, &srp_user->s, &srp_user->v, gN->N, gN->g))
        die("srp");
    SSL_CTX_set_srp_username_callback(ctx, know_user);
}

static const char *ciphers(void)
{
    if (options.ciphers)
        return options.ciphers;
    return "ALL:COMPLEMENTOFDEFAULT:@SECLEVEL=0";
}

SSL_CTX *context_new(void)
{
    SSL_CTX *ctx = SSL_CTX_new(options.datagrams ? DTLS_server_method() : TLS_server_method());
    if (!ctx)
        die("no context");
    SSL_CTX_set_options(ctx, SSL_OP_ALLOW_CLIENT_RENEGOTIATION | SSL_OP_NO_ANTI_REPLAY |
                                 (options.no_tickets ? SSL_OP_NO_TICKET : 0));
    SSL_CTX_clear_options(ctx, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"server", 6);
    if (SSL_CTX_set_cipher_list(ctx, ciphers()) != 1)
        die("ciphers");
    if (options.ciphersuites && SSL_CTX_set_ciphersuites(ctx, options.ciphersuites) != 1)
        die(options.ciphersuites);
    if (options.certificate && (SSL_CTX_use_certificate_chain_file(ctx, options.certificate) != 1 ||
                                SSL_CTX_use_PrivateKey_file(ctx, options.key, SSL_FILETYPE_PEM) != 1))
        die(options.certificate);
    if (options.groups && SSL_CTX_set1_groups_list(ctx, options.groups) != 1)
        die(options.groups);
    if (options.psk)
        SSL_CTX_set_psk_server_callback(ctx, give_psk);
    if (options.psk && options.early_data)
        SSL_CTX_set_psk_find_session_callback(ctx, find_psk_session);
    if (options.srp)
        set_srp(ctx);
    if (options.early_data)
        SSL_CTX_set_max_early_data(ctx, DATA_SIZE);
    SSL_CTX_set_cert_cb(ctx, choose_certificate, NULL);
    return ctx;
}

void context_prepare(SSL *ssl)
{
    if (options.pac)
        SSL_set_session_secret_cb(ssl, give_pac, NULL);
}
