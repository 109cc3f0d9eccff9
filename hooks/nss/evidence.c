#include "hooks/nss/evidence.h"

bool nss_pin_of(const struct nss_api *api, const CERTCertificate *certificate, struct pin *pin)
{
    const SECItem *spki = &certificate->derPublicKey;
    return api->PK11_HashBuf(SEC_OID_SHA256, pin->sha256, spki->data, (PRInt32)spki->len) == SECSuccess;
}

size_t nss_pins(const struct nss_api *api, const CERTCertList *list, struct pin *pins, size_t capacity)
{
    size_t count = 0;
    for (const CERTCertListNode *node = CERT_LIST_HEAD(list); count < capacity && !CERT_LIST_END(node, list);
         node = CERT_LIST_NEXT(node))
        if (!nss_pin_of(api, node->cert, &pins[count++]))
            return 0;
    return count;
}

/* A session that was resumed, or a key that was shared before. */
static bool shows_certificates(const struct nss_peer *peer)
{
    SSLChannelInfo info = {0};
    return peer->fresh || (peer->lib->api.SSL_GetChannelInfo(peer->fd, &info, sizeof info) == SECSuccess &&
                           !info.resumed && info.authType != ssl_auth_psk && info.authType != ssl_auth_null);
}

CERTCertList *nss_served(const struct nss_peer *peer)
{
    return shows_certificates(peer) ? peer->lib->api.SSL_PeerCertificateChain(peer->fd) : NULL;
}

/* The leaf's pin is asked for more than once, and found once. */
static bool leaf_pin(struct nss_peer *peer)
{
    CERTCertificate *leaf =
        !peer->has_leaf_pin && shows_certificates(peer) ? peer->lib->api.SSL_PeerCertificate(peer->fd) : NULL;
    if (leaf) {
        peer->has_leaf_pin = nss_pin_of(&peer->lib->api, leaf, &peer->leaf_pin);
        peer->lib->api.CERT_DestroyCertificate(leaf);
    }
    return peer->has_leaf_pin;
}

size_t nss_peer_served(void *peer, struct pin *pins, size_t capacity)
{
    struct nss_peer *p = peer;
    if (capacity == 1) {
        if (!leaf_pin(p))
            return 0;
        *pins = p->leaf_pin;
        return 1;
    }
    CERTCertList *chain = nss_served(p);
    const size_t count = chain ? nss_pins(&p->lib->api, chain, pins, capacity) : 0;
    if (chain)
        p->lib->api.CERT_DestroyCertList(chain);
    return count;
}

/* NSS doesn't tell which path its verification found, and a program's own function not even whether there was
 * one: nss_peer_own_path verifies. */
size_t nss_peer_program_path(void *peer, const char *host, struct pin *pins, size_t capacity, bool *proven)
{
    (void)peer, (void)host, (void)pins, (void)capacity;
    *proven = false;
    return 0;
}
