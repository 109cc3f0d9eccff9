/* The program's pre-shared keys. The shim takes them away from a pinned handshake, and OpenSSL can't be asked
 * whether there were any: so it is noted, for what is told when such a handshake then fails. */
#include "hooks/openssl/record.h"

#define ORIGINAL(name) ((__typeof__(&(name)))platform_original(__builtin_return_address(0), #name))

void SSL_set_psk_client_callback(SSL *ssl, SSL_psk_client_cb_func callback)
{
    struct ssl_record *record = ssl_record_find(ssl);
    if (record)
        record->has_psk |= callback != NULL;
    __typeof__(&SSL_set_psk_client_callback) original = record ? record->lib->api.SSL_set_psk_client_callback
                                                        : ssl  ? ORIGINAL(SSL_set_psk_client_callback)
                                                               : NULL;
    if (original)
        original(ssl, callback);
}

void SSL_set_psk_use_session_callback(SSL *ssl, SSL_psk_use_session_cb_func callback)
{
    struct ssl_record *record = ssl_record_find(ssl);
    if (record)
        record->has_psk |= callback != NULL;
    __typeof__(&SSL_set_psk_use_session_callback) original =
        record ? record->lib->api.SSL_set_psk_use_session_callback
        : ssl  ? ORIGINAL(SSL_set_psk_use_session_callback)
               : NULL;
    if (original)
        original(ssl, callback);
}

void SSL_CTX_set_psk_client_callback(SSL_CTX *ctx, SSL_psk_client_cb_func callback)
{
    struct ctx_record *record = ctx_record_find(ctx);
    if (record)
        record->has_psk |= callback != NULL;
    __typeof__(&SSL_CTX_set_psk_client_callback) original =
        record ? record->lib->api.SSL_CTX_set_psk_client_callback
        : ctx  ? ORIGINAL(SSL_CTX_set_psk_client_callback)
               : NULL;
    if (original)
        original(ctx, callback);
}

void SSL_CTX_set_psk_use_session_callback(SSL_CTX *ctx, SSL_psk_use_session_cb_func callback)
{
    struct ctx_record *record = ctx_record_find(ctx);
    if (record)
        record->has_psk |= callback != NULL;
    __typeof__(&SSL_CTX_set_psk_use_session_callback) original =
        record ? record->lib->api.SSL_CTX_set_psk_use_session_callback
        : ctx  ? ORIGINAL(SSL_CTX_set_psk_use_session_callback)
               : NULL;
    if (original)
        original(ctx, callback);
}
