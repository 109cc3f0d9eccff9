#include "hooks/nss/peer.h"

#include "hooks/nss/evidence.h"

#include "shim/leaf_name.h"

#include <string.h>

void nss_peer_names(const struct nss *lib, PRFileDesc *fd, struct identity *identity)
{
    char *url = lib->api.SSL_RevealURL(fd);
    identity_add(identity, url);
    lib->api.PR_Free(url);
    if (identity->count == 0)
        identity_add_peer(identity, lib->api.PR_FileDesc2NativeHandle(fd));
}

/* False: no more are wanted. */
static bool visit_name(const CERTGeneralName *name, name_visitor *visit, void *argument, bool *named)
{
    const SECItem *value = &name->name.other;
    switch (name->type) {
    case certDNSName:
        *named = true;
        return visit((const char *)value->data, value->len, argument);
    case certIPAddress:
        return leaf_name_visit_address(value->data, value->len, visit, argument);
    default:
        return true;
    }
}

/* Visits the subject's alternative names; true where there is a DNS name among them. */
static bool visit_names(const struct nss_api *api, const CERTCertificate *leaf, name_visitor *visit,
                        void *argument)
{
    SECItem extension = {0};
    bool named = false, more = true;
    if (api->CERT_FindCertExtension(leaf, SEC_OID_X509_SUBJECT_ALT_NAME, &extension) != SECSuccess)
        return false;
    PLArenaPool *arena = api->PORT_NewArena(DER_DEFAULT_CHUNKSIZE);
    CERTGeneralName *first = arena ? api->CERT_DecodeAltNameExtension(arena, &extension) : NULL;
    for (CERTGeneralName *name = first; name && more;) {
        more = visit_name(name, visit, argument, &named);
        name = api->CERT_GetNextGeneralName(name);
        if (name == first) /* the list is a ring */
            break;
    }
    if (arena)
        api->PORT_FreeArena(arena, PR_FALSE);
    api->SECITEM_FreeItem(&extension, PR_FALSE);
    return named;
}

/* RFC 6125, 6.4.4: the common name counts where no DNS name stands beside it. */
static void leaf_names(void *peer, name_visitor *visit, void *argument)
{
    const struct nss_peer *p = peer;
    const struct nss_api *api = &p->lib->api;
    CERTCertificate *leaf = api->SSL_PeerCertificate(p->fd);
    if (!leaf)
        return;
    if (!visit_names(api, leaf, visit, argument)) {
        char *common_name = api->CERT_GetCommonName(&leaf->subject);
        if (common_name)
            (void)visit(common_name, strlen(common_name), argument);
        api->PR_Free(common_name);
    }
    api->CERT_DestroyCertificate(leaf);
}

static unsigned port(void *peer)
{
    const struct nss_peer *p = peer;
    return identity_peer_port(p->lib->api.PR_FileDesc2NativeHandle(p->fd));
}

const struct backend nss_backend = {
    .library = "nss",
    .served = nss_peer_served,
    .program_path = nss_peer_program_path,
    .own_path = nss_peer_own_path,
    .leaf_names = leaf_names,
    .port = port,
};
