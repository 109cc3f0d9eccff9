#include "hooks/openssl/peer.h"

#include "shim/system.h"

#include <stdlib.h>
#include <string.h>

/* At most this many of the program's host names are asked for; identity.h keeps fewer. */
enum { HOSTS_ASKED = IDENTITY_NAMES + 1 };

void peer_names(const struct openssl *lib, SSL *ssl, struct identity *identity)
{
    const struct openssl_api *api = &lib->api;
    identity_add(identity, api->SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    X509_VERIFY_PARAM *param = api->SSL_get0_param(ssl);
    const char *host;
    for (int i = 0; i < HOSTS_ASKED && (host = api->X509_VERIFY_PARAM_get0_host(param, i)); i++)
        identity_add(identity, host);
    char *address = api->X509_VERIFY_PARAM_get1_ip_asc(param);
    identity_add(identity, address);
    api->CRYPTO_free(address, "", 0);
}

static X509 *certificate(const struct openssl *lib, const STACK_OF(X509) * chain, int i)
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

static bool pin_of(const struct openssl_api *api, X509 *x509, struct pin *pin)
{
    unsigned char buffer[768], *allocated = NULL, *spki = buffer; /* an RSA key of 4096 bits takes 550 */
    X509_PUBKEY *key = api->X509_get_X509_PUBKEY(x509);
    const int length = api->i2d_X509_PUBKEY(key, NULL);
    if (length <= 0)
        return false;
    if ((size_t)length > sizeof buffer && !(spki = allocated = calloc(1, (size_t)length)))
        return false;
    unsigned char *end = spki;
    const bool digested = api->i2d_X509_PUBKEY(key, &end) == length && digest(api, spki, (size_t)length, pin);
    free(allocated);
    return digested;
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

/* The pins of a chain, leaf first; 0 where one can't be had. */
static size_t pins_of(struct openssl_peer *peer, const STACK_OF(X509) * chain, struct pin *pins,
                      size_t capacity)
{
    const int length = peer->lib->api.OPENSSL_sk_num((const OPENSSL_STACK *)chain); /* -1 for NULL */
    size_t count = 0;
    for (; count < capacity && (int)count < length; count++) {
        X509 *x509 = certificate(peer->lib, chain, (int)count);
        const bool found =
            count == 0 ? leaf_pin_of(peer, x509, pins) : pin_of(&peer->lib->api, x509, &pins[count]);
        if (!found)
            return 0;
    }
    return count;
}

/* As libssl holds it, not the verification's context, which a program's callback may have changed. A resumed
 * session shows nothing: what it holds may have come from anywhere. */
static const STACK_OF(X509) * served_chain(const struct openssl_peer *peer)
{
    if (!peer->ctx && peer->lib->api.SSL_session_reused(peer->ssl))
        return NULL;
    return peer->lib->api.SSL_get_peer_cert_chain(peer->ssl);
}

static size_t served(void *peer, struct pin *pins, size_t capacity)
{
    return pins_of(peer, served_chain(peer), pins, capacity);
}

static bool is_for_host(const struct openssl *lib, X509 *leaf, const char *host)
{
    if (name_is_ip(host))
        return lib->api.X509_check_ip_asc(leaf, host, 0) == 1;
    return lib->api.X509_check_host(leaf, host, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1;
}

/* True where the program had the library verify this one host, by its usual rules: no need to do it again. */
static bool was_verified_for(const struct openssl_peer *peer, const char *host)
{
    const struct openssl_api *api = &peer->lib->api;
    X509_VERIFY_PARAM *param = api->X509_STORE_CTX_get0_param(peer->ctx);
    const char *verified = api->X509_VERIFY_PARAM_get0_host(param, 0);
    char name[NAME_SIZE];
    return verified && !api->X509_VERIFY_PARAM_get0_host(param, 1) &&
           (api->X509_VERIFY_PARAM_get_hostflags(param) & ~(unsigned)X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS) ==
               0 &&
           name_normalise(verified, strlen(verified), name) && memcmp(name, host, strlen(host) + 1) == 0;
}

static size_t program_path(void *peer, const char *host, struct pin *pins, size_t capacity, bool *proven)
{
    struct openssl_peer *p = peer;
    *proven = false;
    if (!p->ctx)
        return 0;
    const STACK_OF(X509) *chain = p->lib->api.X509_STORE_CTX_get0_chain(p->ctx);
    const size_t count = pins_of(p, chain, pins, capacity);
    if (!p->proven || count == 0)
        return count;
    /* The path must start with the certificate whose key the handshake uses. */
    X509 *leaf = certificate(p->lib, chain, 0);
    *proven = leaf == certificate(p->lib, served_chain(p), 0) &&
              (was_verified_for(p, host) || is_for_host(p->lib, leaf, host));
    return count;
}

/* Adds the certificates of an image's record: each a uint32_t length and its DER. */
static bool add_certificates(const struct openssl *lib, X509_STORE *store, const uint8_t *list, size_t length)
{
    while (length > 0) {
        uint32_t size;
        if (length < sizeof size)
            return false;
        memcpy(&size, list, sizeof size);
        list += sizeof size, length -= sizeof size;
        if (size > length)
            return false;
        const unsigned char *der = list;
        X509 *x509 = lib->api.d2i_X509(NULL, &der, size);
        const bool added = x509 && lib->api.X509_STORE_add_cert(store, x509);
        lib->api.X509_free(x509);
        if (!added)
            return false;
        list += size, length -= size;
    }
    return true;
}

/* Adds the certificates of one of the image's records; none where it hasn't got it. */
static bool add_record(const struct openssl *lib, X509_STORE *store, const struct image *image,
                       enum image_key key)
{
    const uint8_t *list;
    size_t length;
    switch (image_find_kind(image, key, &list, &length)) {
    case IMAGE_FOUND:
        return add_certificates(lib, store, list, length);
    case IMAGE_ABSENT:
        return true;
    case IMAGE_FIND_DAMAGED:
        break;
    }
    return false;
}

/* The library's compiled-in places. Not X509_STORE_set_default_paths, which obeys SSL_CERT_FILE and
 * SSL_CERT_DIR of the program's environment, and reads the whole bundle (16 ms). */
static bool add_trusted_roots(const struct openssl *lib, X509_STORE *store, const struct policy *policy)
{
    (void)lib->api.X509_STORE_load_path(store, lib->api.X509_get_default_cert_dir());
    (void)lib->api.X509_STORE_load_file(store, lib->api.X509_get_default_cert_file());
    return add_record(lib, store, &policy->image, IMAGE_KEY_TRUST_ROOTS);
}

static bool add_proxy_roots(const struct openssl *lib, X509_STORE *store, const struct policy *policy)
{
    const uint8_t *bits = policy->applied.bits;
    for (uint32_t i = 0; bits && i < policy->image.header.persona_count; i++) {
        const uint8_t *list;
        size_t length;
        if (!(bits[i / 8] >> i % 8 & 1))
            continue;
        const enum image_found found =
            image_find_persona(&policy->image, IMAGE_KEY_PROXY_ROOTS, i, &list, &length);
        if (found == IMAGE_FIND_DAMAGED ||
            (found == IMAGE_FOUND && !add_certificates(lib, store, list, length)))
            return false;
    }
    /* A proxy's certificate is an anchor, also where another CA issued it. */
    return lib->api.X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1;
}

static bool add_roots(const struct openssl *lib, X509_STORE *store, enum roots roots,
                      const struct policy *policy)
{
    switch (roots) {
    case ROOTS_TRUSTED:
        return add_trusted_roots(lib, store, policy);
    case ROOTS_PROXY:
        return add_proxy_roots(lib, store, policy);
    case ROOTS_LOCAL:
        return add_record(lib, store, &policy->image, IMAGE_KEY_LOCAL_ROOTS);
    }
    return false;
}

static bool expect_server_named(const struct openssl *lib, X509_STORE_CTX *ctx, const char *host)
{
    X509_VERIFY_PARAM *param = lib->api.X509_STORE_CTX_get0_param(ctx);
    lib->api.X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return lib->api.X509_STORE_CTX_set_default(ctx, "ssl_server") == 1 &&
           (name_is_ip(host) ? lib->api.X509_VERIFY_PARAM_set1_ip_asc(param, host)
                             : lib->api.X509_VERIFY_PARAM_set1_host(param, host, 0)) == 1;
}

/* One verification of our own, of the leaf of `chain` with all of it to build a path from. */
static bool verify(struct openssl_peer *peer, const char *host, X509_STORE *store, STACK_OF(X509) * chain,
                   X509_STORE_CTX *ctx)
{
    const struct openssl *lib = peer->lib;
    return lib->api.X509_STORE_CTX_init(ctx, store, certificate(lib, chain, 0), chain) == 1 &&
           expect_server_named(lib, ctx, host) && lib->api.X509_verify_cert(ctx) == 1;
}

static size_t own_path(void *peer, const char *host, enum roots roots, const struct policy *policy,
                       size_t without, struct pin *pins, size_t capacity)
{
    struct openssl_peer *p = peer;
    const struct openssl_api *api = &p->lib->api;
    size_t count = 0;
    OPENSSL_STACK *chain = api->OPENSSL_sk_dup((const OPENSSL_STACK *)served_chain(p)); /* empty for NULL */
    X509_STORE *store = api->X509_STORE_new();
    X509_STORE_CTX *ctx = api->X509_STORE_CTX_new();
    if (!chain || !store || !ctx || api->OPENSSL_sk_num(chain) < 1)
        goto out;
    if (without > 0)
        (void)api->OPENSSL_sk_delete(chain, (int)without);
    if (!add_roots(p->lib, store, roots, policy))
        goto out;
    if (verify(p, host, store, (STACK_OF(X509) *)chain, ctx))
        count = pins_of(p, api->X509_STORE_CTX_get0_chain(ctx), pins, capacity);
    if (count == 1 && roots != ROOTS_TRUSTED)
        count = 0; /* the leaf itself is the anchor: no CA vouches for it */
out:
    api->X509_STORE_CTX_free(ctx);
    api->X509_STORE_free(store);
    api->OPENSSL_sk_free(chain);
    return count;
}

static unsigned port(void *peer)
{
    const struct openssl_peer *p = peer;
    return system_peer_port(p->lib->api.SSL_get_fd(p->ssl));
}

const struct backend openssl_backend = {
    .library = "openssl",
    .served = served,
    .program_path = program_path,
    .own_path = own_path,
    .port = port,
};
