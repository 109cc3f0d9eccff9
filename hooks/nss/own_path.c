/* A path that the shim verifies itself: the same library, but roots and rules of the policy's. */
#include "hooks/nss/evidence.h"
#include "hooks/nss/path_search.h"
#include "hooks/nss/proven_path.h"

#include "shim/anchors.h"

static bool add_anchor(const uint8_t *der, size_t length, void *argument)
{
    const struct path_search *search = argument;
    const struct nss_api *api = search->api;
    SECItem item = {siBuffer, (unsigned char *)der, (unsigned int)length};
    CERTCertificate *certificate =
        api->CERT_NewTempCertificate(api->CERT_GetDefaultCertDB(), &item, NULL, PR_FALSE, PR_TRUE);
    if (!certificate)
        return false;
    const bool added = api->CERT_AddCertToListTail(search->anchors, certificate) == SECSuccess;
    if (!added)
        api->CERT_DestroyCertificate(certificate);
    return added;
}

static CERTCertificate *nth(const CERTCertList *list, size_t n)
{
    const CERTCertListNode *node = CERT_LIST_HEAD(list);
    while (n-- > 0 && !CERT_LIST_END(node, list))
        node = CERT_LIST_NEXT(node);
    return CERT_LIST_END(node, list) ? NULL : node->cert;
}

/* A user can approve of a name that a certificate isn't for: no proof. */
static bool is_for_host(const struct nss_api *api, const CERTCertificate *leaf, const char *host)
{
    return !leaf->domainOK && api->CERT_VerifyCertName(leaf, host) == SECSuccess;
}

static size_t verify(struct path_search *search, enum roots roots, const struct policy *policy)
{
    const struct nss_api *api = search->api;
    size_t count = 0;
    search->anchors = api->CERT_NewCertList();
    search->only_anchors = roots != ROOTS_TRUSTED;
    if (search->anchors && anchors_visit(policy, roots, add_anchor, search) &&
        !(search->only_anchors && CERT_LIST_EMPTY(search->anchors)))
        count = path_search(search);
    if (search->anchors)
        api->CERT_DestroyCertList(search->anchors);
    return count;
}

/* What is asked of every connection to a host whose authority is pinned. */
static size_t verify_once(struct path_search *search, const struct proven_claim *claim,
                          const struct policy *policy)
{
    const PRTime now = search->api->PR_Now();
    size_t count = proven_path_find(claim, now, search->pins, search->capacity);
    if (count > 0)
        return count;
    count = verify(search, ROOTS_TRUSTED, policy);
    if (count > 0)
        proven_path_remember(claim, now, search->end, search->pins, count);
    return count;
}

size_t nss_peer_own_path(void *peer, const char *host, enum roots roots, const struct policy *policy,
                         size_t without, struct pin *pins, size_t capacity)
{
    const struct nss_peer *p = peer;
    const struct nss_api *api = &p->lib->api;
    CERTCertList *served = nss_served(p);
    if (!served)
        return 0;
    struct path_search search = {.api = api,
                                 .leaf = nth(served, 0),
                                 .left_out = without > 0 ? nth(served, without) : NULL,
                                 .pins = pins,
                                 .capacity = capacity};
    struct proven_claim claim;
    size_t count = 0;
    if (search.leaf && (without == 0 || search.left_out) && is_for_host(api, search.leaf, host)) {
        if (roots == ROOTS_TRUSTED && without == 0 &&
            proven_claim_make(&claim, p->lib, policy, search.leaf, host))
            count = verify_once(&search, &claim, policy);
        else
            count = verify(&search, roots, policy);
    }
    api->CERT_DestroyCertList(served);
    return count;
}
