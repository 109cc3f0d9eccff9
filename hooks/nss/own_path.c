/* A path that the shim verifies itself: the same library, but roots and rules of the policy's. */
#include "hooks/nss/evidence.h"

#include "shim/anchors.h"

#include <string.h>

/* Certificates that become anchors of one verification. */
struct anchors {
    const struct nss_api *api;
    CERTCertList *list;
    bool any;
};

static bool add_anchor(const uint8_t *der, size_t length, void *argument)
{
    struct anchors *anchors = argument;
    const struct nss_api *api = anchors->api;
    SECItem item = {siBuffer, (unsigned char *)der, (unsigned int)length};
    CERTCertificate *certificate =
        api->CERT_NewTempCertificate(api->CERT_GetDefaultCertDB(), &item, NULL, PR_FALSE, PR_TRUE);
    if (!certificate)
        return false;
    anchors->any = api->CERT_AddCertToListTail(anchors->list, certificate) == SECSuccess;
    if (!anchors->any)
        api->CERT_DestroyCertificate(certificate);
    return anchors->any;
}

static bool is_same(const CERTCertificate *a, const CERTCertificate *b)
{
    return a->derCert.len == b->derCert.len && memcmp(a->derCert.data, b->derCert.data, a->derCert.len) == 0;
}

static bool holds(const CERTCertList *list, const CERTCertificate *certificate)
{
    for (const CERTCertListNode *node = CERT_LIST_HEAD(list); !CERT_LIST_END(node, list);
         node = CERT_LIST_NEXT(node))
        if (is_same(node->cert, certificate))
            return true;
    return false;
}

/* Makes the library look for another path where it has found one with the certificate that is to be left out:
 * it is among those that it knows, and can't be taken from it. */
static SECStatus leaves_out(void *argument, const CERTCertList *path, PRBool *valid)
{
    *valid = !holds(path, argument);
    return SECSuccess;
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

/* The pins of a path and, behind it, its anchor. A leaf that is the anchor itself is no path: no authority
 * vouches for it. */
static size_t path_pins(const struct nss_api *api, const CERTCertList *path, const CERTCertificate *anchor,
                        struct pin *pins, size_t capacity)
{
    size_t count = nss_pins(api, path, pins, capacity);
    if (count > 0 && count < capacity && !holds(path, anchor) && nss_pin_of(api, anchor, &pins[count]))
        count++;
    return count > 1 ? count : 0;
}

enum { REVOCATION_METHODS = 2 }; /* CRL and OCSP: neither is asked, for both may need the network */

static size_t verify_pkix(const struct nss_api *api, CERTCertificate *leaf, const struct anchors *anchors,
                          bool only_anchors, CERTCertificate *left_out, struct pin *pins, size_t capacity)
{
    PRUint64 methods[REVOCATION_METHODS] = {CERT_REV_M_DO_NOT_TEST_USING_THIS_METHOD,
                                            CERT_REV_M_DO_NOT_TEST_USING_THIS_METHOD};
    const CERTRevocationTests tests = {.number_of_defined_methods = REVOCATION_METHODS,
                                       .cert_rev_flags_per_method = methods,
                                       .cert_rev_method_independent_flags =
                                           CERT_REV_MI_NO_OVERALL_INFO_REQUIREMENT};
    CERTRevocationFlags revocation = {.leafTests = tests, .chainTests = tests};
    const CERTChainVerifyCallback another = {leaves_out, left_out};
    CERTValInParam in[5] = {{.type = cert_pi_revocationFlags, .value.pointer.revocation = &revocation}};
    size_t used = 1;
    if (anchors->any) {
        in[used++] = (CERTValInParam){.type = cert_pi_trustAnchors, .value.pointer.chain = anchors->list};
        in[used++] = (CERTValInParam){.type = cert_pi_useOnlyTrustAnchors, .value.scalar.b = only_anchors};
    }
    if (left_out)
        in[used++] = (CERTValInParam){.type = cert_pi_chainVerifyCallback,
                                      .value.pointer.chainVerifyCallback = &another};
    in[used].type = cert_pi_end;
    CERTValOutParam out[] = {
        {.type = cert_po_certList}, {.type = cert_po_trustAnchor}, {.type = cert_po_end}};
    if (api->CERT_PKIXVerifyCert(leaf, certificateUsageSSLServer, in, out, NULL) != SECSuccess)
        return 0;
    CERTCertList *path = out[0].value.pointer.chain;
    CERTCertificate *anchor = out[1].value.pointer.cert;
    const size_t count = path && anchor ? path_pins(api, path, anchor, pins, capacity) : 0;
    if (path)
        api->CERT_DestroyCertList(path);
    if (anchor)
        api->CERT_DestroyCertificate(anchor);
    return count;
}

static size_t verify(const struct nss_api *api, const CERTCertList *served, const char *host,
                     enum roots roots, const struct anchors *anchors, size_t without, struct pin *pins,
                     size_t capacity)
{
    CERTCertificate *leaf = nth(served, 0), *left_out = without > 0 ? nth(served, without) : NULL;
    const bool only_anchors = roots != ROOTS_TRUSTED;
    if (!leaf || (without > 0 && !left_out) || !is_for_host(api, leaf, host))
        return 0;
    if (only_anchors && !anchors->any) /* none would mean the library's own */
        return 0;
    return verify_pkix(api, leaf, anchors, only_anchors, left_out, pins, capacity);
}

size_t nss_peer_own_path(void *peer, const char *host, enum roots roots, const struct policy *policy,
                         size_t without, struct pin *pins, size_t capacity)
{
    const struct nss_peer *p = peer;
    const struct nss_api *api = &p->lib->api;
    CERTCertList *served = nss_served(p);
    struct anchors anchors = {.api = api, .list = api->CERT_NewCertList()};
    size_t count = 0;
    if (served && anchors.list && anchors_visit(policy, roots, add_anchor, &anchors))
        count = verify(api, served, host, roots, &anchors, without, pins, capacity);
    if (served)
        api->CERT_DestroyCertList(served);
    if (anchors.list)
        api->CERT_DestroyCertList(anchors.list);
    return count;
}
