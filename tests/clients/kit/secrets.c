#include "tests/clients/kit/kit.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Handshakes that rest on a secret instead of a certificate. */

static size_t key_of(const char *hexadecimal, unsigned char *key, size_t size)
{
    size_t length = 0;
    return hexadecimal && OPENSSL_hexstr2buf_ex(key, size, &length, hexadecimal, '\0') ? length : 0;
}

/* One key for TLS 1.2 and 1.3, as `openssl s_client -psk` has it. */
static unsigned int give_psk(SSL *ssl, const char *hint, char *identity, unsigned int identity_size,
                             unsigned char *psk, unsigned int psk_size)
{
    (void)hint;
    snprintf(identity, identity_size, "kit");
    return (unsigned int)key_of(connection_of(ssl)->options->psk, psk, psk_size);
}

/* TLS 1.3 alone: a session made of the key, good for early data. */
static int give_psk_session(SSL *ssl, const EVP_MD *md, const unsigned char **identity, size_t *length,
                            SSL_SESSION **session)
{
    static const unsigned char aes_128_gcm_sha256[] = {0x13, 0x01};
    const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, aes_128_gcm_sha256);
    unsigned char key[64];
    const size_t size = key_of(connection_of(ssl)->options->psk, key, sizeof key);
    *session = NULL;
    if (md && md != SSL_CIPHER_get_handshake_digest(cipher)) /* after a HelloRetryRequest */
        return 1;
    *identity = (const unsigned char *)"kit";
    *length = 3;
    *session = SSL_SESSION_new();
    return *session && SSL_SESSION_set1_master_key(*session, key, size) &&
           SSL_SESSION_set_cipher(*session, cipher) &&
           SSL_SESSION_set_protocol_version(*session, TLS1_3_VERSION) &&
           SSL_SESSION_set_max_early_data(*session, REPLY_SIZE);
}

static int give_pac(SSL *ssl, void *secret, int *length, STACK_OF(SSL_CIPHER) * peer,
                    const SSL_CIPHER **cipher, void *argument)
{
    (void)peer, (void)cipher, (void)argument;
    *length = (int)key_of(connection_of(ssl)->options->pac, secret, (size_t)*length);
    return *length > 0;
}

static char *give_password(SSL *ssl, void *argument)
{
    (void)argument;
    return OPENSSL_strdup(connection_of(ssl)->options->srp);
}

void secrets_set(const struct options *options, SSL_CTX *ctx)
{
    if (options->psk && !options->late_psk && !options->psk_session)
        SSL_CTX_set_psk_client_callback(ctx, give_psk);
    if (options->psk && !options->late_psk && options->psk_session)
        SSL_CTX_set_psk_use_session_callback(ctx, give_psk_session);
    if (options->srp) {
        char user[] = "kit";
        SSL_CTX_set_srp_username(ctx, user);
        SSL_CTX_set_srp_client_pwd_callback(ctx, give_password);
        SSL_CTX_set_srp_strength(ctx, 1024);
    }
}

void secrets_set_late(const struct connection *connection)
{
    if (connection->options->psk_session)
        SSL_set_psk_use_session_callback(connection->ssl, give_psk_session);
    else
        SSL_set_psk_client_callback(connection->ssl, give_psk);
}

void secrets_set_early(const struct connection *connection)
{
    char ticket[] = "protected access credential";
    if (!connection->options->pac)
        return;
    SSL_set_session_ticket_ext(connection->ssl, ticket, sizeof ticket - 1);
    SSL_set_session_secret_cb(connection->ssl, give_pac, NULL);
}
