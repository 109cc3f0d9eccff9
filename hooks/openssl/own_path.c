/* A path that the shim verifies itself: the same library, but roots and rules of the policy's. */
#include "hooks/openssl/evidence.h"

#include "shim/anchors.h"
#include "shim/system.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Where an anchor goes. */
struct destination {
    const struct openssl *lib;
    X509_STORE *store;
};

static bool add_anchor(const uint8_t *der, size_t length, void *argument)
{
    const struct destination *to = argument;
    X509 *x509 = to->lib->api.d2i_X509(NULL, &der, (long)length);
    const bool added = x509 && to->lib->api.X509_STORE_add_cert(to->store, x509);
    to->lib->api.X509_free(x509);
    return added;
}

/* Those of the library's default file, read by one process. The child of a fork reads them again, and leaves
 * its parent's alone: a thread that it hasn't got may hold the lock of that store. */
struct file_roots {
    uint64_t pid;
    X509_STORE *store;
};

static struct file_roots *read_file_roots(const struct openssl_api *api, uint64_t pid)
{
    struct file_roots *roots = calloc(1, sizeof *roots);
    X509_STORE *store = api->X509_STORE_new();
    if (roots && store && api->X509_STORE_load_file(store, api->X509_get_default_cert_file()) == 1) {
        *roots = (struct file_roots){.pid = pid, .store = store};
        return roots;
    }
    api->X509_STORE_free(store);
    free(roots);
    return NULL;
}

/* For the life of the process; NULL where they can't be read. */
static X509_STORE *file_roots(struct openssl *lib)
{
    const uint64_t pid = system_pid();
    struct file_roots *known = atomic_load(&lib->file_roots);
    if (known && known->pid == pid)
        return known->store;
    struct file_roots *roots = read_file_roots(&lib->api, pid);
    if (!roots || atomic_compare_exchange_strong(&lib->file_roots, &known, roots))
        return roots ? roots->store : NULL;
    lib->api.X509_STORE_free(roots->store); /* another thread was first */
    free(roots);
    return known->store;
}

static bool add_roots(const struct openssl *lib, X509_STORE *store, enum roots roots,
                      const struct policy *policy)
{
    /* The library's compiled-in places. Not X509_STORE_set_default_paths, which obeys SSL_CERT_FILE and
     * SSL_CERT_DIR of the program's environment. The directory is asked for single certificates, as they are
     * needed; the file is read as a whole (16 ms), and so apart, and once. */
    if (roots == ROOTS_TRUSTED)
        (void)lib->api.X509_STORE_load_path(store, lib->api.X509_get_default_cert_dir());
    struct destination to = {lib, store};
    if (!anchors_visit(policy, roots, add_anchor, &to))
        return false;
    /* A proxy's certificate is an anchor, also where another CA issued it. */
    return roots != ROOTS_PROXY || lib->api.X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1;
}

static bool expect_server_named(const struct openssl *lib, X509_STORE_CTX *ctx, const char *host)
{
    X509_VERIFY_PARAM *param = lib->api.X509_STORE_CTX_get0_param(ctx);
    lib->api.X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return lib->api.X509_STORE_CTX_set_default(ctx, "ssl_server") == 1 &&
           (name_is_ip(host) ? lib->api.X509_VERIFY_PARAM_set1_ip_asc(param, host)
                             : lib->api.X509_VERIFY_PARAM_set1_host(param, host, 0)) == 1;
}

/* One verification of our own, of the leaf of `chain` with all of it to build a path from; the path's pins, 0
 * where it doesn't verify. */
static size_t verify(struct openssl_peer *peer, const char *host, X509_STORE *store, STACK_OF(X509) * chain,
                     struct pin *pins, size_t capacity)
{
    const struct openssl *lib = peer->lib;
    size_t count = 0;
    X509_STORE_CTX *ctx = lib->api.X509_STORE_CTX_new();
    if (ctx && lib->api.X509_STORE_CTX_init(ctx, store, peer_certificate(lib, chain, 0), chain) == 1 &&
        expect_server_named(lib, ctx, host) && lib->api.X509_verify_cert(ctx) == 1)
        count = peer_pins(peer, lib->api.X509_STORE_CTX_get0_chain(ctx), pins, capacity);
    lib->api.X509_STORE_CTX_free(ctx);
    return count;
}

size_t peer_own_path(void *peer, const char *host, enum roots roots, const struct policy *policy,
                     size_t without, struct pin *pins, size_t capacity)
{
    struct openssl_peer *p = peer;
    const struct openssl_api *api = &p->lib->api;
    size_t count = 0;
    OPENSSL_STACK *chain =
        api->OPENSSL_sk_dup((const OPENSSL_STACK *)peer_served_chain(p)); /* empty for NULL */
    X509_STORE *store = api->X509_STORE_new();
    if (!chain || !store || api->OPENSSL_sk_num(chain) < 1)
        goto out;
    if (without > 0)
        (void)api->OPENSSL_sk_delete(chain, (int)without);
    if (!add_roots(p->lib, store, roots, policy))
        goto out;
    count = verify(p, host, store, (STACK_OF(X509) *)chain, pins, capacity);
    X509_STORE *file = count == 0 && roots == ROOTS_TRUSTED ? file_roots((struct openssl *)p->lib) : NULL;
    if (file)
        count = verify(p, host, file, (STACK_OF(X509) *)chain, pins, capacity);
    if (count == 1 && roots != ROOTS_TRUSTED)
        count = 0; /* the leaf itself is the anchor: no CA vouches for it */
out:
    api->X509_STORE_free(store);
    api->OPENSSL_sk_free(chain);
    return count;
}
