#include "hooks/openssl/transport.h"

static BIO *kept(const struct openssl_api *api, BIO *bio)
{
    if (bio)
        (void)api->BIO_up_ref(bio);
    return bio;
}

/* False where the SSL has lost its transport already, and got no other since. */
static bool keep_transport(struct ssl_record *record, SSL *ssl)
{
    const struct openssl_api *api = &record->lib->api;
    BIO *rbio = api->SSL_get_rbio(ssl), *wbio = api->SSL_get_wbio(ssl);
    if (record->dead && rbio == record->dead && wbio == record->dead)
        return false;
    transport_release(record);
    record->rbio = kept(api, rbio);
    record->wbio = kept(api, wbio);
    return true;
}

void transport_cut(struct ssl_record *record, SSL *ssl)
{
    const struct openssl_api *api = &record->lib->api;
    (void)api->SSL_shutdown(ssl); /* a close_notify for the peer, where it can still be sent */
    if (keep_transport(record, ssl)) {
        BIO *dead = record->dead = api->BIO_new(api->BIO_s_socket()); /* no socket: all it does fails */
        api->SSL_set0_rbio(ssl, kept(api, dead));
        api->SSL_set0_wbio(ssl, kept(api, dead));
    }
    /* Should the program give it a new one; and what lies read already is thrown away. */
    api->SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    api->SSL_set_verify_result(ssl, X509_V_ERR_CERT_REJECTED);
}

void transport_release(struct ssl_record *record)
{
    const struct openssl_api *api = &record->lib->api;
    api->BIO_free_all(record->dead);
    api->BIO_free_all(record->rbio);
    api->BIO_free_all(record->wbio);
    record->dead = record->rbio = record->wbio = NULL;
}
