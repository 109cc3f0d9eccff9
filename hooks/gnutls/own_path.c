/* A path that the shim verifies itself: the same library, but roots and rules of the policy's. */
#include "hooks/gnutls/evidence.h"

#include "shim/anchors.h"

#include <stdatomic.h>

/* Where an anchor goes. */
struct destination {
    const struct libgnutls *lib;
    gnutls_x509_trust_list_t trust;
};

static bool add_anchor(const uint8_t *der, size_t length, void *argument)
{
    const struct destination *to = argument;
    const gnutls_datum_t datum = {(unsigned char *)der, (unsigned)length};
    return to->lib->api.gnutls_x509_trust_list_add_trust_mem(to->trust, &datum, NULL, GNUTLS_X509_FMT_DER, 0,
                                                             0) >= 1;
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
    struct destination to = {lib, trust};
    if (anchors_visit(policy, roots, add_anchor, &to))
        count = gnutls_peer_verify(p, host, trust, without, pins, capacity);
    lib->api.gnutls_x509_trust_list_deinit(trust, 1);
    if (roots != ROOTS_TRUSTED)
        return count > 1 ? count : 0; /* the leaf itself is the anchor: no CA vouches for it */
    gnutls_x509_trust_list_t system = count == 0 ? system_trust(lib) : NULL;
    return system ? gnutls_peer_verify(p, host, system, without, pins, capacity) : count;
}
