/* A path that the shim verifies itself: the same library, but roots and rules of the policy's. */
#include "hooks/gnutls/evidence.h"

#include <stdatomic.h>
#include <string.h>

/* Adds the certificates of an image's record: each a uint32_t length and its DER. */
static bool add_certificates(const struct libgnutls *lib, gnutls_x509_trust_list_t trust, const uint8_t *list,
                             size_t length)
{
    while (length > 0) {
        uint32_t size;
        if (length < sizeof size)
            return false;
        memcpy(&size, list, sizeof size);
        list += sizeof size, length -= sizeof size;
        if (size > length)
            return false;
        const gnutls_datum_t der = {(unsigned char *)list, size};
        if (lib->api.gnutls_x509_trust_list_add_trust_mem(trust, &der, NULL, GNUTLS_X509_FMT_DER, 0, 0) < 1)
            return false;
        list += size, length -= size;
    }
    return true;
}

/* Adds the certificates of one of the image's records; none where it hasn't got it. */
static bool add_found(const struct libgnutls *lib, gnutls_x509_trust_list_t trust, enum image_found found,
                      const uint8_t *list, size_t length)
{
    switch (found) {
    case IMAGE_FOUND:
        return add_certificates(lib, trust, list, length);
    case IMAGE_ABSENT:
        return true;
    case IMAGE_FIND_DAMAGED:
        break;
    }
    return false;
}

static bool add_record(const struct libgnutls *lib, gnutls_x509_trust_list_t trust, const struct image *image,
                       enum image_key key)
{
    const uint8_t *list = NULL;
    size_t length = 0;
    const enum image_found found = image_find_kind(image, key, &list, &length);
    return add_found(lib, trust, found, list, length);
}

static bool add_proxy_roots(const struct libgnutls *lib, gnutls_x509_trust_list_t trust,
                            const struct policy *policy)
{
    const uint8_t *bits = policy->applied.bits;
    for (uint32_t i = 0; i < policy->image.header.persona_count; i++) {
        const uint8_t *list = NULL;
        size_t length = 0;
        if (!(bits[i / 8] >> i % 8 & 1))
            continue;
        const enum image_found found =
            image_find_persona(&policy->image, IMAGE_KEY_PROXY_ROOTS, i, &list, &length);
        if (!add_found(lib, trust, found, list, length))
            return false;
    }
    return true;
}

static bool add_roots(const struct libgnutls *lib, gnutls_x509_trust_list_t trust, enum roots roots,
                      const struct policy *policy)
{
    switch (roots) {
    case ROOTS_TRUSTED:
        return add_record(lib, trust, &policy->image, IMAGE_KEY_TRUST_ROOTS);
    case ROOTS_PROXY:
        return add_proxy_roots(lib, trust, policy);
    case ROOTS_LOCAL:
        return add_record(lib, trust, &policy->image, IMAGE_KEY_LOCAL_ROOTS);
    }
    return false;
}

/* The library's default roots, read once a process (10 ms), and for its life; NULL where there are none. A
 * list is only read from then on, and holds no lock: a child of a fork uses its parent's. */
static gnutls_x509_trust_list_t system_trust(struct libgnutls *lib)
{
    gnutls_x509_trust_list_t known = atomic_load(&lib->system_trust), made;
    if (known || lib->api.gnutls_x509_trust_list_init(&made, 0) < 0)
        return known;
    const bool read = lib->api.gnutls_x509_trust_list_add_system_trust(made, 0, 0) > 0;
    if (read && atomic_compare_exchange_strong(&lib->system_trust, &known, made))
        return made;
    lib->api.gnutls_x509_trust_list_deinit(made, 1);
    return known; /* another thread was first, or NULL */
}

size_t gnutls_peer_own_path(void *peer, const char *host, enum roots roots, const struct policy *policy,
                            size_t without, struct pin *pins, size_t capacity)
{
    struct gnutls_peer *p = peer;
    struct libgnutls *lib = p->record->lib;
    gnutls_x509_trust_list_t trust;
    size_t count = 0;
    if (lib->api.gnutls_x509_trust_list_init(&trust, 0) < 0)
        return 0;
    if (add_roots(lib, trust, roots, policy))
        count = gnutls_peer_verify(p, host, trust, without, pins, capacity);
    lib->api.gnutls_x509_trust_list_deinit(trust, 1);
    if (roots != ROOTS_TRUSTED)
        return count > 1 ? count : 0; /* the leaf itself is the anchor: no CA vouches for it */
    gnutls_x509_trust_list_t system = count == 0 ? system_trust(lib) : NULL;
    return system ? gnutls_peer_verify(p, host, system, without, pins, capacity) : count;
}
