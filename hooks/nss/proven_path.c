#include "hooks/nss/proven_path.h"

#include "shim/lock.h"

#include <string.h>

enum { PATHS = 8, PATH_PINS = 6 };

static const PRTime MOST = 60 * (PRTime)PR_USEC_PER_SEC;

static struct proven_path {
    struct proven_claim claim;
    PRTime from, until;
    size_t count; /* 0: free */
    struct pin pins[PATH_PINS];
} paths[PATHS];

static unsigned next; /* to be overwritten */

bool proven_claim_make(struct proven_claim *claim, const struct nss *lib, const struct policy *policy,
                       const CERTCertificate *leaf, const char *host)
{
    const SECItem *der = &leaf->derCert;
    const size_t size = strlen(host) + 1;
    claim->lib = lib;
    claim->policy_version = policy->image.header.policy_version;
    if (size > sizeof claim->host)
        return false;
    memcpy(claim->host, host, size);
    return lib->api.PK11_HashBuf(SEC_OID_SHA256, claim->leaf, der->data, (PRInt32)der->len) == SECSuccess;
}

static bool is_same(const struct proven_claim *a, const struct proven_claim *b)
{
    return a->lib == b->lib && a->policy_version == b->policy_version &&
           memcmp(a->leaf, b->leaf, sizeof a->leaf) == 0 && strcmp(a->host, b->host) == 0;
}

size_t proven_path_find(const struct proven_claim *claim, PRTime now, struct pin *pins, size_t capacity)
{
    size_t count = 0;
    lock_take();
    for (size_t i = 0; i < PATHS && count == 0; i++) {
        const struct proven_path *path = &paths[i];
        if (path->count == 0 || path->count > capacity || now < path->from || now > path->until ||
            !is_same(&path->claim, claim))
            continue;
        count = path->count;
        memcpy(pins, path->pins, count * sizeof *pins);
    }
    lock_give();
    return count;
}

void proven_path_remember(const struct proven_claim *claim, PRTime now, PRTime end, const struct pin *pins,
                          size_t count)
{
    if (count > PATH_PINS)
        return;
    lock_watch_forks();
    lock_take();
    struct proven_path *path = &paths[next++ % PATHS];
    path->claim = *claim;
    path->from = now;
    path->until = end < now + MOST ? end : now + MOST;
    path->count = count;
    memcpy(path->pins, pins, count * sizeof *pins);
    lock_give();
}
