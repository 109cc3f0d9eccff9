#include "hooks/nss/path_search.h"

#include "hooks/nss/evidence.h"

#include <string.h>

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

static bool has_trust(const struct nss_api *api, const CERTCertificate *certificate, unsigned int flag)
{
    CERTCertTrust trust;
    return api->CERT_GetCertTrust(certificate, &trust) == SECSuccess &&
           (SEC_GET_TRUST_FLAGS(&trust, trustSSL) & flag);
}

/* libpkix takes a certificate that any verification before has used as its anchor for one, whatever this one
 * asks for: it has marked the object, which it keeps. So it is looked at here. */
static bool may_end_in(const struct path_search *search, const CERTCertificate *anchor)
{
    return holds(search->anchors, anchor) ||
           (!search->only_anchors && has_trust(search->api, anchor, CERTDB_TRUSTED_CA));
}

/* Makes the library look for another path where it has found one that ends in no anchor, or that holds the
 * certificate that is to be left out: that is among those that it knows, and can't be taken from it. The
 * anchor is the last. */
static SECStatus is_acceptable(void *argument, const CERTCertList *path, PRBool *valid)
{
    const struct path_search *search = argument;
    *valid = may_end_in(search, CERT_LIST_TAIL(path)->cert) &&
             !(search->left_out && holds(path, search->left_out));
    return SECSuccess;
}

/* One more certificate of the path; false where it can't be taken in. */
static bool add(struct path_search *search, const CERTCertificate *certificate, size_t *count)
{
    PRTime from = 0, until = 0;
    if (*count == search->capacity || !nss_pin_of(search->api, certificate, &search->pins[*count]) ||
        search->api->CERT_GetCertTimes(certificate, &from, &until) != SECSuccess)
        return false;
    if (*count == 0 || until < search->end)
        search->end = until;
    (*count)++;
    return true;
}

/* A path without its anchor, which is apart. */
static size_t add_path(struct path_search *search, const CERTCertList *path, const CERTCertificate *anchor)
{
    size_t count = 0;
    for (const CERTCertListNode *node = CERT_LIST_HEAD(path); !CERT_LIST_END(node, path);
         node = CERT_LIST_NEXT(node))
        if (!add(search, node->cert, &count))
            return 0;
    if (!holds(path, anchor) && !add(search, anchor, &count))
        return 0;
    return count > 1 ? count : 0;
}

enum { REVOCATION_METHODS = 2 }; /* CRL and OCSP: neither is asked, for both may need the network */

static size_t search_by_pkix(struct path_search *search, bool *missing)
{
    PRUint64 methods[REVOCATION_METHODS] = {CERT_REV_M_DO_NOT_TEST_USING_THIS_METHOD,
                                            CERT_REV_M_DO_NOT_TEST_USING_THIS_METHOD};
    const CERTRevocationTests tests = {.number_of_defined_methods = REVOCATION_METHODS,
                                       .cert_rev_flags_per_method = methods,
                                       .cert_rev_method_independent_flags =
                                           CERT_REV_MI_NO_OVERALL_INFO_REQUIREMENT};
    const CERTRevocationFlags revocation = {.leafTests = tests, .chainTests = tests};
    const CERTChainVerifyCallback acceptable = {is_acceptable, search};
    CERTValInParam in[5] = {
        {.type = cert_pi_revocationFlags, .value.pointer.revocation = &revocation},
        {.type = cert_pi_chainVerifyCallback, .value.pointer.chainVerifyCallback = &acceptable}};
    size_t used = 2;
    if (!CERT_LIST_EMPTY(search->anchors)) { /* none would mean the library's own */
        in[used++] = (CERTValInParam){.type = cert_pi_trustAnchors, .value.pointer.chain = search->anchors};
        in[used++] =
            (CERTValInParam){.type = cert_pi_useOnlyTrustAnchors, .value.scalar.b = search->only_anchors};
    }
    in[used].type = cert_pi_end;
    CERTValOutParam out[] = {
        {.type = cert_po_certList}, {.type = cert_po_trustAnchor}, {.type = cert_po_end}};
    const struct nss_api *api = search->api;
    if (api->CERT_PKIXVerifyCert(search->leaf, certificateUsageSSLServer, in, out, NULL) != SECSuccess) {
        *missing = api->PR_GetError() == PR_NOT_IMPLEMENTED_ERROR;
        return 0;
    }
    CERTCertList *path = out[0].value.pointer.chain;
    CERTCertificate *anchor = out[1].value.pointer.cert;
    const size_t count = path && anchor && may_end_in(search, anchor) ? add_path(search, path, anchor) : 0;
    if (path)
        api->CERT_DestroyCertList(path);
    if (anchor)
        api->CERT_DestroyCertificate(anchor);
    return count;
}

/* The path as the library goes it, from issuer to issuer, up to the first that is trusted; 0 where none is.
 */
static size_t add_walk(struct path_search *search, PRTime now)
{
    const struct nss_api *api = search->api;
    CERTCertList *walk = api->CERT_GetCertChainFromCert(search->leaf, now, certUsageSSLServer);
    size_t count = 0;
    bool anchored = false, taken = true;
    for (const CERTCertListNode *node = walk ? CERT_LIST_HEAD(walk) : NULL;
         node && !CERT_LIST_END(node, walk) && taken && !anchored; node = CERT_LIST_NEXT(node)) {
        taken = add(search, node->cert, &count);
        anchored = count > 1 && has_trust(api, node->cert, CERTDB_TRUSTED_CA);
    }
    if (walk)
        api->CERT_DestroyCertList(walk);
    return taken && anchored ? count : 0;
}

/* Firefox's NSS is built without that. Its older verification doesn't tell the path that it went; it is the
 * same before and after, so it was this one. A leaf that is trusted by itself is not verified further. */
static size_t search_by_walking(struct path_search *search)
{
    const struct nss_api *api = search->api;
    const PRTime now = api->PR_Now();
    enum { MOST = 8 };
    struct pin before[MOST];
    if (search->only_anchors || search->left_out || has_trust(api, search->leaf, CERTDB_TERMINAL_RECORD))
        return 0;
    const size_t count = add_walk(search, now);
    if (count == 0 || count > MOST)
        return 0;
    memcpy(before, search->pins, count * sizeof *before);
    if (api->CERT_VerifyCert(api->CERT_GetDefaultCertDB(), search->leaf, PR_TRUE, certUsageSSLServer, now,
                             NULL, NULL) != SECSuccess)
        return 0;
    const bool same =
        add_walk(search, now) == count && memcmp(before, search->pins, count * sizeof *before) == 0;
    return same ? count : 0;
}

size_t path_search(struct path_search *search)
{
    bool missing = false;
    const size_t count = search_by_pkix(search, &missing);
    return missing ? search_by_walking(search) : count;
}
