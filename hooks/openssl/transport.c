#include "hooks/openssl/transport.h"

#include <stdlib.h>

static BIO *kept(const struct openssl_api *api, BIO *bio)
{
    if (bio)
        (void)api->BIO_up_ref(bio);
    return bio;
}

/* References of ours: what transport_cut put in, and what it took out. Apart from the record, which each SSL
 * has. */
struct cut_transport {
    BIO *dead, *rbio, *wbio;
};

/* False where the SSL has lost its transport already, and got no other since. */
static bool keep_transport(struct ssl_record *record, SSL *ssl)
{
    const struct openssl_api *api = &record->lib->api;
    BIO *rbio = api->SSL_get_rbio(ssl), *wbio = api->SSL_get_wbio(ssl);
    const struct cut_transport *cut = record->cut;
    if (cut && cut->dead && rbio == cut->dead && wbio == cut->dead)
        return false;
    transport_release(record);
    record->cut = calloc(1, sizeof *record->cut);
    if (record->cut) /* else the program's BIOs are freed with the SSL's references to them */
        *record->cut = (struct cut_transport){.rbio = kept(api, rbio), .wbio = kept(api, wbio)};
    return true;
}

void transport_cut(struct ssl_record *record, SSL *ssl)
{
    const struct openssl_api *api = &record->lib->api;
    (void)api->SSL_shutdown(ssl); /* a close_notify for the peer, where it can still be sent */
    if (keep_transport(record, ssl)) {
        BIO *dead = api->BIO_new(api->BIO_s_socket()); /* no socket: all it does fails */
        api->SSL_set0_rbio(ssl, kept(api, dead));
        api->SSL_set0_wbio(ssl, kept(api, dead));
        if (record->cut)
            record->cut->dead = dead;
        else
            api->BIO_free_all(dead);
    }
    /* Should the program give it a new one; and what lies read already is thrown away. */
    api->SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    api->SSL_set_verify_result(ssl, X509_V_ERR_CERT_REJECTED);
}

void transport_release(struct ssl_record *record)
{
    const struct openssl_api *api = &record->lib->api;
    if (!record->cut)
        return;
    api->BIO_free_all(record->cut->dead);
    api->BIO_free_all(record->cut->rbio);
    api->BIO_free_all(record->cut->wbio);
    free(record->cut);
    record->cut = NULL;
}
