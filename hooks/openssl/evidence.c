#include "hooks/openssl/evidence.h"

#include "hooks/openssl/key_encoding.h"

#include <stdlib.h>
#include <string.h>

X509 *peer_certificate(const struct openssl *lib, const STACK_OF(X509) * chain, int i)
{
    return lib->api.OPENSSL_sk_value((const OPENSSL_STACK *)chain, i);
}

/* By libcrypto's plain SHA-256: EVP would look its provider up for each digest, at twice the cost. */
static bool digest(const struct openssl_api *api, const unsigned char *bytes, size_t length, struct pin *pin)
{
    SHA256_CTX sha256;
    return api->SHA256_Init(&sha256) && api->SHA256_Update(&sha256, bytes, length) &&
           api->SHA256_Final(pin->sha256, &sha256);
}

/* No less than the length of a SubjectPublicKeyInfo's encoding; 0 where it has none. Asking i2d_X509_PUBKEY
 * for the length itself costs as much as the encoding. */
static size_t spki_size(const struct openssl_api *api, const X509_PUBKEY *key)
{
    enum { HEADERS = 16 }; /* tag and length of the sequence and of the bit string, its unused bits */
    const unsigned char *bits;
    int length;
    X509_ALGOR *algorithm;
    if (!api->X509_PUBKEY_get0_param(NULL, &bits, &length, &algorithm, key))
        return 0;
    const int algorithm_length = api->i2d_X509_ALGOR(algorithm, NULL);
    return length < 0 || algorithm_length <= 0 ? 0 : HEADERS + (size_t)length + (size_t)algorithm_length;
}

/* A key that key_encoding leaves to the library. */
static bool long_pin_of(const struct openssl_api *api, X509_PUBKEY *key, struct pin *pin)
{
    const size_t size = spki_size(api, key);
    unsigned char *spki = size ? calloc(1, size) : NULL, *end = spki;
    const int length = spki ? api->i2d_X509_PUBKEY(key, &end) : 0;
    const bool digested = length > 0 && digest(api, spki, (size_t)length, pin);
    free(spki);
    return digested;
}

static bool pin_of(const struct openssl_api *api, X509 *x509, struct pin *pin)
{
    unsigned char buffer[768]; /* an RSA key of 4096 bits takes 550 */
    const unsigned char *encoding;
    X509_PUBKEY *key = api->X509_get_X509_PUBKEY(x509);
    if (!key)
        return false;
    const size_t length = key_encoding(api, key, buffer, sizeof buffer, &encoding);
    return length ? digest(api, encoding, length, pin) : long_pin_of(api, key, pin);
}

/* The leaf's pin is asked for more than once, and found once. */
static bool leaf_pin_of(struct openssl_peer *peer, X509 *leaf, struct pin *pin)
{
    if (peer->leaf != leaf) {
        if (!pin_of(&peer->lib->api, leaf, &peer->leaf_pin))
            return false;
        peer->leaf = leaf;
    }
    *pin = peer->leaf_pin;
    return true;
}

size_t peer_pins(struct openssl_peer *peer, const STACK_OF(X509) * chain, struct pin *pins, size_t capacity)
{
    const int length = peer->lib->api.OPENSSL_sk_num((const OPENSSL_STACK *)chain); /* -1 for NULL */
    size_t count = 0;
    for (; count < capacity && (int)count < length; count++) {
        X509 *x509 = peer_certificate(peer->lib, chain, (int)count);
        const bool found =
            count == 0 ? leaf_pin_of(peer, x509, pins) : pin_of(&peer->lib->api, x509, &pins[count]);
        if (!found)
            return 0;
    }
    return count;
}

const STACK_OF(X509) * peer_served_chain(const struct openssl_peer *peer)
{
    if (!peer->ctx && peer->lib->api.SSL_session_reused(peer->ssl))
        return NULL;
    return peer->lib->api.SSL_get_peer_cert_chain(peer->ssl);
}

size_t peer_served(void *peer, struct pin *pins, size_t capacity)
{
    return peer_pins(peer, peer_served_chain(peer), pins, capacity);
}

static bool is_for_host(const struct openssl *lib, X509 *leaf, const char *host)
{
    if (name_is_ip(host))
        return lib->api.X509_check_ip_asc(leaf, host, 0) == 1;
    return lib->api.X509_check_host(leaf, host, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

/* In the policy's spelling, as it mostly is already. */
static bool is_name(const char *spelling, const char *host)
{
    char name[NAME_SIZE];
    return strcmp(spelling, host) == 0 ||
           (name_normalise(spelling, strlen(spelling), name) && strcmp(name, host) == 0);
}

/* True where the program had the library verify this one host, by its usual rules: no need to do it again. */
static bool was_verified_for(const struct openssl_peer *peer, const char *host)
{
    const struct openssl_api *api = &peer->lib->api;
    X509_VERIFY_PARAM *param = api->X509_STORE_CTX_get0_param(peer->ctx);
    const char *verified = api->X509_VERIFY_PARAM_get0_host(param, 0);
    return verified && !api->X509_VERIFY_PARAM_get0_host(param, 1) &&
           (api->X509_VERIFY_PARAM_get_hostflags(param) & ~(unsigned)X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS) ==
               0 &&
           is_name(verified, host);
}

size_t peer_program_path(void *peer, const char *host, struct pin *pins, size_t capacity, bool *proven)
{
    struct openssl_peer *p = peer;
    *proven = false;
    if (!p->ctx)
        return 0;
    const STACK_OF(X509) *chain = p->lib->api.X509_STORE_CTX_get0_chain(p->ctx);
    const size_t count = peer_pins(p, chain, pins, capacity);
    if (!p->proven || count == 0)
        return count;
    /* The path must start with the certificate whose key the handshake uses. */
    X509 *leaf = peer_certificate(p->lib, chain, 0);
    *proven = leaf == peer_certificate(p->lib, peer_served_chain(p), 0) &&
              (was_verified_for(p, host) || is_for_host(p->lib, leaf, host));
    return count;
}
