#include "hooks/gnutls/path.h"

#include "hooks/gnutls/evidence.h"

#include <string.h>

/* initial-exec: no allocation, no call into the loader at first use in a thread; this library is never
 * dlopened late. The library's output function is given no pointer of ours. */
static _Thread_local struct links *current __attribute__((tls_model("initial-exec")));

bool may_serve(const struct libgnutls *lib, gnutls_x509_crt_t crt, const gnutls_datum_t *der)
{
    /* id-ce-extKeyUsage (RFC 5280, 4.2.1.12). Mostly it isn't there, and the library needn't look. */
    static const unsigned char purposes[] = {0x06, 0x03, 0x55, 0x1d, 0x25};
    for (size_t i = 0; i + sizeof purposes <= der->size; i++)
        if (der->data[i] == purposes[0] && memcmp(der->data + i, purposes, sizeof purposes) == 0)
            return lib->api.gnutls_x509_crt_check_key_purpose(crt, GNUTLS_KP_TLS_WWW_SERVER, 0) != 0;
    return true;
}

static void note(struct links *links, gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
    gnutls_datum_t der;
    if (links->count == PEER_CERTIFICATES ||
        links->lib->api.gnutls_x509_crt_export2(issuer, GNUTLS_X509_FMT_DER, &der) < 0)
        return;
    links->for_servers &= may_serve(links->lib, issuer, &der);
    if (gnutls_peer_pin_of(links->lib, &der, &links->pins[links->count])) {
        links->issued[links->count] = crt;
        links->issuer[links->count++] = issuer;
    }
    (*links->lib->api.gnutls_free)(der.data);
}

/* Called for each link that was verified, those of attempts that failed, too. */
static int note_link(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer, gnutls_x509_crl_t crl, unsigned status)
{
    struct links *links = current;
    if (links && !crl && issuer && status == 0)
        note(links, crt, issuer);
    return links && links->program ? links->program(crt, issuer, crl, status) : 0;
}

int links_watch(struct links *links, gnutls_x509_trust_list_t trust, gnutls_x509_crt_t *chain,
                unsigned length, gnutls_typed_vdata_st *data, unsigned elements, unsigned flags,
                unsigned *status)
{
    links->outer = current;
    links->for_servers = true;
    current = links;
    const int result = links->lib->api.gnutls_x509_trust_list_verify_crt2(trust, chain, length, data,
                                                                          elements, flags, status, note_link);
    current = links->outer;
    return result;
}

size_t links_follow(const struct links *links, gnutls_x509_crt_t leaf, const gnutls_datum_t *der,
                    struct pin *pins, size_t capacity)
{
    gnutls_x509_crt_t at = leaf;
    size_t count = capacity > 0 && gnutls_peer_pin_of(links->lib, der, &pins[0]) ? 1 : 0;
    while (count > 0 && count < capacity && count <= links->count) {
        size_t i = 0;
        while (i < links->count && links->issued[i] != at)
            i++;
        if (i == links->count)
            break;
        pins[count++] = links->pins[i];
        at = links->issuer[i];
    }
    return count;
}

/* The library's interface; it changes nothing of it. An address it knows by its spelling. */
static gnutls_typed_vdata_st typed(gnutls_vdata_types_t type, const char *text)
{
    return (gnutls_typed_vdata_st){.type = type, .data = (unsigned char *)text};
}

size_t gnutls_peer_verify(struct gnutls_peer *peer, const char *host, gnutls_x509_trust_list_t trust,
                          size_t without, struct pin *pins, size_t capacity)
{
    gnutls_typed_vdata_st data[] = {typed(GNUTLS_DT_KEY_PURPOSE_OID, GNUTLS_KP_TLS_WWW_SERVER),
                                    typed(GNUTLS_DT_DNS_HOSTNAME, host)};
    struct links links = {.lib = peer->record->lib};
    gnutls_x509_crt_t chain[PEER_CERTIFICATES];
    unsigned length = 0, status = GNUTLS_CERT_INVALID;
    const gnutls_datum_t *leaf;
    const size_t sent = gnutls_peer_read_chain(peer, &leaf);
    for (size_t i = 0; i < sent; i++)
        if (without == 0 || i != without)
            chain[length++] = peer->chain[i];
    if (length == 0 || links_watch(&links, trust, chain, length, data, sizeof data / sizeof data[0],
                                   GNUTLS_VERIFY_DO_NOT_ALLOW_SAME, &status) != 0)
        return 0;
    return status == 0 ? links_follow(&links, chain[0], leaf, pins, capacity) : 0;
}
