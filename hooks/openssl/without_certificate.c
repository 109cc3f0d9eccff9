#include "hooks/openssl/without_certificate.h"

/* A cipher by which the server needs no certificate. PSK isn't among them: it goes with its callback. */
static bool is_without_certificate(const struct openssl *lib, const SSL_CIPHER *cipher)
{
    const int authentication = lib->api.SSL_CIPHER_get_auth_nid(cipher);
    return authentication == NID_auth_null || authentication == NID_auth_srp;
}

/* What stands behind refuse_without_certificate. SSL_dup and SSL_copy_session_id give it to an SSL that was
 * never armed itself: that one has its context's. */
static security_function *program_security(const struct ssl_record *record, const SSL *ssl)
{
    const struct openssl_api *api = &record->lib->api;
    return record->program_security ? record->program_security
                                    : api->SSL_CTX_get_security_callback(api->SSL_get_SSL_CTX(ssl));
}

/* Stands before the program's own security callback; libssl asks it some hundred times in a handshake. */
static int refuse_without_certificate(const SSL *ssl, const SSL_CTX *ctx, int operation, int bits, int nid,
                                      void *other, void *extra)
{
    const struct ssl_record *record = ssl_record_find(ssl);
    if (!record)
        return 0;
    const bool cipher = operation == SSL_SECOP_CIPHER_SUPPORTED || operation == SSL_SECOP_CIPHER_CHECK;
    if (cipher && record->connection.pinned && is_without_certificate(record->lib, other))
        return 0;
    return program_security(record, ssl)(ssl, ctx, operation, bits, nid, other, extra);
}

/* True where such a cipher may be offered. SRP's need a user; anonymous ones a security level of 0: above,
 * libssl refuses them itself (and should a program's security callback not, handshake_finish does). */
static bool offers_without_certificate(const struct openssl *lib, SSL *ssl)
{
    return lib->api.SSL_get_security_level(ssl) == 0 || lib->api.SSL_get_srp_username(ssl) != NULL;
}

void without_certificate_refuse(struct ssl_record *record, SSL *ssl)
{
    const struct openssl_api *api = &record->lib->api;
    api->SSL_set_psk_client_callback(ssl, NULL);
    api->SSL_set_psk_use_session_callback(ssl, NULL);
    (void)api->SSL_set_session_secret_cb(ssl, NULL, NULL); /* EAP-FAST (RFC 4851) */
    const struct ctx_record *ctx = ctx_record_find(api->SSL_get_SSL_CTX(ssl));
    record->withheld =
        record->has_psk || (ctx && ctx->has_psk) || offers_without_certificate(record->lib, ssl);
    if (ssl_record_is_spare(record) || /* handshake_finish does it alone then */
        api->SSL_get_security_callback(ssl) == refuse_without_certificate ||
        !offers_without_certificate(record->lib, ssl))
        return;
    record->program_security = api->SSL_get_security_callback(ssl);
    api->SSL_set_security_callback(ssl, refuse_without_certificate);
}
