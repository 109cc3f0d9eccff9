/* A verification of our own, by the library's functions, and the path that it found. */
#include "hooks/gnutls/evidence.h"

/* The links of a path while it is being verified. */
struct links {
    size_t count;
    gnutls_x509_crt_t issued[PEER_CERTIFICATES];
    struct pin issuers[PEER_CERTIFICATES];
    gnutls_x509_crt_t issuer[PEER_CERTIFICATES];
    const struct libgnutls *lib;
};

/* initial-exec: no allocation, no call into the loader at first use in a thread; this library is never
 * dlopened late. The library's output function is given no pointer of ours. */
static _Thread_local struct links *current __attribute__((tls_model("initial-exec")));

/* Called for each link that was verified, those of attempts that failed, too. */
static int note_link(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, gnutls_x509_crl_t crl, unsigned status)
{
    struct links *links = current;
    if (!links || crl || !issuer || status != 0 || links->count == PEER_CERTIFICATES)
        return 0;
    if (!gnutls_peer_pin_of(links->lib, issuer, &links->issuers[links->count]))
        return 0;
    links->issued[links->count] = crt;
    links->issuer[links->count++] = issuer;
    return 0;
}

/* From the leaf up, link by link. */
static size_t follow(const struct links *links, gnutls_x509_crt_t leaf, struct pin *pins, size_t capacity)
{
    gnutls_x509_crt_t at = leaf;
    size_t count = capacity > 0 && gnutls_peer_pin_of(links->lib, leaf, &pins[0]) ? 1 : 0;
    while (count > 0 && count < capacity) {
        size_t i = 0;
        while (i < links->count && links->issued[i] != at)
            i++;
        if (i == links->count || count > links->count)
            break;
        pins[count++] = links->issuers[i];
        at = links->issuer[i];
    }
    return count;
}

/* The library's interface; it changes nothing of it. An address it knows by its spelling. */
static gnutls_typed_vdata_st typed(gnutls_vdata_types_t type, const char *text)
{
    return (gnutls_typed_vdata_st){.type = type, .data = (unsigned char *)text};
}

/* True where the chain verifies for a server of this name; `links` gets the path. */
static bool verifies(struct links *links, gnutls_x509_trust_list_t trust, gnutls_x509_crt_t *chain,
                     size_t length, const char *host)
{
    gnutls_typed_vdata_st data[] = {typed(GNUTLS_DT_KEY_PURPOSE_OID, GNUTLS_KP_TLS_WWW_SERVER),
                                    typed(GNUTLS_DT_DNS_HOSTNAME, host)};
    struct links *outer = current;
    unsigned status = GNUTLS_CERT_INVALID;
    current = links;
    const int result = links->lib->api.gnutls_x509_trust_list_verify_crt2(
        trust, chain, (unsigned)length, data, sizeof data / sizeof data[0], GNUTLS_VERIFY_DO_NOT_ALLOW_SAME,
        &status, note_link);
    current = outer;
    return result == 0 && status == 0;
}

size_t gnutls_peer_verify(struct gnutls_peer *peer, const char *host, gnutls_x509_trust_list_t trust,
                          size_t without, struct pin *pins, size_t capacity)
{
    struct links links = {.lib = peer->record->lib};
    gnutls_x509_crt_t chain[PEER_CERTIFICATES];
    size_t length = 0;
    const size_t sent = gnutls_peer_read_chain(peer, PEER_CERTIFICATES);
    for (size_t i = 0; i < sent; i++)
        if (without == 0 || i != without)
            chain[length++] = peer->chain[i];
    if (length == 0 || !verifies(&links, trust, chain, length, host))
        return 0;
    return follow(&links, chain[0], pins, capacity);
}
