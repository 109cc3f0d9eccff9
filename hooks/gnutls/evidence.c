#include "hooks/gnutls/evidence.h"

#include "config/spki.h"

/* What the session holds, whether this handshake has shown it or not. NULL: no X.509 certificate. */
static const gnutls_datum_t *held(const struct gnutls_peer *peer, size_t *length)
{
    const struct libgnutls_api *api = &peer->record->lib->api;
    unsigned sent = 0;
    if (api->gnutls_certificate_type_get2(peer->session, GNUTLS_CTYPE_PEERS) != GNUTLS_CRT_X509)
        return NULL;
    const gnutls_datum_t *list = api->gnutls_certificate_get_peers(peer->session, &sent);
    *length = sent < PEER_CERTIFICATES ? sent : PEER_CERTIFICATES;
    return sent > 0 ? list : NULL;
}

/* What the server has shown. Not what a resumed session holds: it may have come from anywhere. */
static const gnutls_datum_t *shown(const struct gnutls_peer *peer, size_t *length)
{
    return peer->record->lib->api.gnutls_session_is_resumed(peer->session) ? NULL : held(peer, length);
}

/* Reads the next certificate of the list. */
static bool read_one(struct gnutls_peer *peer, const gnutls_datum_t *der)
{
    const struct libgnutls_api *api = &peer->record->lib->api;
    gnutls_x509_crt_t crt;
    if (api->gnutls_x509_crt_init(&crt) < 0)
        return false;
    if (api->gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) < 0) {
        api->gnutls_x509_crt_deinit(crt);
        return false;
    }
    peer->chain[peer->count++] = crt;
    return true;
}

gnutls_x509_crt_t gnutls_peer_leaf(struct gnutls_peer *peer)
{
    size_t length;
    const gnutls_datum_t *list = held(peer, &length);
    return list && (peer->count > 0 || read_one(peer, list)) ? peer->chain[0] : NULL;
}

size_t gnutls_peer_read_chain(struct gnutls_peer *peer, const gnutls_datum_t **leaf)
{
    size_t length;
    const gnutls_datum_t *list = *leaf = shown(peer, &length);
    if (!list)
        return 0;
    while (peer->count < length)
        if (!read_one(peer, &list[peer->count]))
            return 0;
    return length;
}

/* Of the bytes themselves: the library would write the key anew, at thirty times the cost. */
bool gnutls_peer_pin_of(const struct libgnutls *lib, const gnutls_datum_t *der, struct pin *pin)
{
    const uint8_t *spki;
    size_t length;
    return spki_find(der->data, der->size, &spki, &length) &&
           lib->api.gnutls_hash_fast(GNUTLS_DIG_SHA256, spki, length, pin->sha256) == 0;
}

size_t gnutls_peer_served(void *peer, struct pin *pins, size_t capacity)
{
    const struct gnutls_peer *p = peer;
    size_t length, count = 0;
    const gnutls_datum_t *list = shown(p, &length);
    for (; list && count < capacity && count < length; count++)
        if (!gnutls_peer_pin_of(p->record->lib, &list[count], &pins[count]))
            return 0;
    return count;
}

bool gnutls_peer_has_certificate(struct gnutls_peer *peer)
{
    struct pin leaf;
    return gnutls_peer_served(peer, &leaf, 1) == 1;
}
