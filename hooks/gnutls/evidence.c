#include "hooks/gnutls/evidence.h"

/* Reads the next certificate of the list. */
static bool read_one(struct gnutls_peer *peer, const gnutls_datum_t *der)
{
    const struct libgnutls_api *api = &peer->record->lib->api;
    gnutls_x509_crt_t crt;
    if (api->gnutls_x509_crt_init(&crt) < 0)
        return false;
    if (api->gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER) < 0) { /* a raw key, for one */
        api->gnutls_x509_crt_deinit(crt);
        return false;
    }
    peer->chain[peer->count++] = crt;
    return true;
}

/* At least `wanted` of what the session holds, whether this handshake has shown it or not. */
static size_t read_held(struct gnutls_peer *peer, size_t wanted)
{
    unsigned sent = 0;
    const gnutls_datum_t *list = peer->record->lib->api.gnutls_certificate_get_peers(peer->session, &sent);
    const size_t length = !list ? 0 : sent < PEER_CERTIFICATES ? sent : PEER_CERTIFICATES;
    while (peer->count < wanted && peer->count < length)
        if (!read_one(peer, &list[peer->count]))
            return 0;
    return length;
}

gnutls_x509_crt_t gnutls_peer_leaf(struct gnutls_peer *peer)
{
    return read_held(peer, 1) > 0 ? peer->chain[0] : NULL;
}

size_t gnutls_peer_read_chain(struct gnutls_peer *peer, size_t wanted)
{
    if (peer->record->lib->api.gnutls_session_is_resumed(peer->session))
        return 0;
    return read_held(peer, wanted);
}

bool gnutls_peer_has_certificate(struct gnutls_peer *peer)
{
    return gnutls_peer_read_chain(peer, 1) > 0;
}

bool gnutls_peer_pin_of(const struct libgnutls *lib, gnutls_x509_crt_t crt, struct pin *pin)
{
    size_t size = sizeof pin->sha256;
    return lib->api.gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, pin->sha256, &size) == 0 &&
           size == sizeof pin->sha256;
}

size_t gnutls_peer_served(void *peer, struct pin *pins, size_t capacity)
{
    struct gnutls_peer *p = peer;
    const size_t length = gnutls_peer_read_chain(p, capacity);
    size_t count = 0;
    for (; count < capacity && count < length; count++)
        if (!gnutls_peer_pin_of(p->record->lib, p->chain[count], &pins[count]))
            return 0;
    return count;
}

/* Most programs verify after the handshake, too late. What they will verify with is known by then: a path to
 * what they trust is found the way they would, but for this host, with the time, and every error counts. */
size_t gnutls_peer_program_path(void *peer, const char *host, struct pin *pins, size_t capacity, bool *proven)
{
    struct gnutls_peer *p = peer;
    const struct libgnutls_api *api = &p->record->lib->api;
    gnutls_certificate_credentials_t credentials = NULL;
    gnutls_x509_trust_list_t trust = NULL;
    *proven = false;
    if (api->gnutls_credentials_get(p->session, GNUTLS_CRD_CERTIFICATE, (void **)&credentials) < 0 ||
        !credentials)
        return 0;
    api->gnutls_certificate_get_trust_list(credentials, &trust);
    const size_t count = trust ? gnutls_peer_verify(p, host, trust, 0, pins, capacity) : 0;
    *proven = count > 0;
    return count;
}
