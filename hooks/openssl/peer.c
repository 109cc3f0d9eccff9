#include "hooks/openssl/peer.h"

#include "hooks/openssl/evidence.h"

#include "shim/leaf_name.h"

#include <string.h>

/* At most this many of the program's host names are asked for; identity.h keeps fewer. */
enum { HOSTS_ASKED = IDENTITY_NAMES + 1 };

static void add_hosts(const struct openssl_api *api, X509_VERIFY_PARAM *param, struct identity *identity)
{
    const char *host;
    for (int i = 0; i < HOSTS_ASKED && (host = api->X509_VERIFY_PARAM_get0_host(param, i)); i++)
        identity_add(identity, host);
}

/* Where there is none, the library raises an error, at the cost of a thousand instructions. */
static void add_address(const struct openssl_api *api, X509_VERIFY_PARAM *param, struct identity *identity)
{
    char *address = api->X509_VERIFY_PARAM_get1_ip_asc(param);
    identity_add(identity, address);
    api->CRYPTO_free(address, "", 0);
}

/* Whose parameters each verification of the SSL starts with. */
static X509_STORE *store_of(const struct openssl_api *api, SSL *ssl)
{
    X509_STORE *store = NULL;
    (void)api->SSL_ctrl(ssl, SSL_CTRL_GET_VERIFY_CERT_STORE, 0, &store);
    return store ? store : api->SSL_CTX_get_cert_store(api->SSL_get_SSL_CTX(ssl));
}

/* Adds what each of the parameters holds that say whom the program has verified. */
static void add_verified(const struct openssl_peer *peer, struct identity *identity,
                         void (*add)(const struct openssl_api *, X509_VERIFY_PARAM *, struct identity *))
{
    const struct openssl_api *api = &peer->lib->api;
    if (peer->ctx) {
        add(api, api->X509_STORE_CTX_get0_param(peer->ctx), identity);
        return;
    }
    add(api, api->SSL_get0_param(peer->ssl), identity);
    X509_STORE *store = store_of(api, peer->ssl);
    if (store)
        add(api, api->X509_STORE_get0_param(store), identity);
}

static void addresses(void *peer, struct identity *identity)
{
    add_verified(peer, identity, add_address);
}

/* By its address it can be told from the SSL's own. */
static const char *session_name(const struct openssl_api *api, const SSL *ssl)
{
    const SSL_SESSION *session = api->SSL_get_session(ssl);
    return session ? api->SSL_SESSION_get0_hostname(session) : NULL;
}

enum sent_name peer_sent_name(const struct openssl *lib, const SSL *ssl)
{
    const char *of_session = session_name(&lib->api, ssl);
    if (!of_session)
        return SENT_AS_TOLD;
    const char *name = lib->api.SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (!name || name == of_session)
        return SENT_NONE;
    return strcmp(name, of_session) == 0 ? SENT_AS_TOLD : SENT_OTHER;
}

void peer_names(struct openssl_peer *peer, struct identity *identity)
{
    const struct openssl_api *api = &peer->lib->api;
    const char *name = api->SSL_get_servername(peer->ssl, TLSEXT_NAMETYPE_host_name);
    const bool lent = name && peer->sent != SENT_AS_TOLD && name == session_name(api, peer->ssl);
    identity_clear(identity);
    if (!lent)
        identity_add(identity, name);
    add_verified(peer, identity, add_hosts);
    if (lent && peer->sent == SENT_OTHER)
        return;
    if (identity->count == 0)
        addresses(peer, identity);
    if (identity->count == 0)
        identity_add_peer(identity, api->SSL_get_fd(peer->ssl));
}

/* What a session on offer holds counts, too: it may have lost its chain (d2i), not its peer. */
static X509 *leaf_of(const struct openssl_peer *peer)
{
    const struct openssl_api *api = &peer->lib->api;
    X509 *leaf = peer_certificate(peer->lib, api->SSL_get_peer_cert_chain(peer->ssl), 0);
    SSL_SESSION *session = api->SSL_get_session(peer->ssl);
    return leaf || !session ? leaf : api->SSL_SESSION_get0_peer(session);
}

/* False: no more are wanted. */
static bool visit_name(const struct openssl_api *api, const GENERAL_NAME *name, name_visitor *visit,
                       void *argument, bool *named)
{
    int type;
    const ASN1_STRING *value = api->GENERAL_NAME_get0_value(name, &type);
    const char *bytes = (const char *)api->ASN1_STRING_get0_data(value);
    const size_t length = (size_t)api->ASN1_STRING_length(value);
    switch (type) {
    case GEN_DNS:
        *named = true;
        return visit(bytes, length, argument);
    case GEN_IPADD:
        return leaf_name_visit_address(bytes, length, visit, argument);
    default:
        return true;
    }
}

/* RFC 6125, 6.4.4: the common name counts where no DNS name stands beside it. */
static void leaf_names(void *peer, name_visitor *visit, void *argument)
{
    struct openssl_peer *p = peer;
    const struct openssl_api *api = &p->lib->api;
    X509 *leaf = leaf_of(p);
    if (!leaf)
        return;
    GENERAL_NAMES *names = api->X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    const int count = api->OPENSSL_sk_num((const OPENSSL_STACK *)names); /* -1 for NULL */
    bool more = true, named = false;
    for (int i = 0; more && i < count; i++)
        more =
            visit_name(api, api->OPENSSL_sk_value((const OPENSSL_STACK *)names, i), visit, argument, &named);
    api->GENERAL_NAMES_free(names);
    char common_name[NAME_SIZE];
    const int length = named
                           ? -1
                           : api->X509_NAME_get_text_by_NID(api->X509_get_subject_name(leaf), NID_commonName,
                                                            common_name, sizeof common_name);
    if (length > 0)
        (void)visit(common_name, strlen(common_name), argument);
}

static unsigned port(void *peer)
{
    const struct openssl_peer *p = peer;
    return identity_peer_port(p->lib->api.SSL_get_fd(p->ssl));
}

const struct backend openssl_backend = {
    .library = "openssl",
    .served = peer_served,
    .program_path = peer_program_path,
    .own_path = peer_own_path,
    .leaf_names = leaf_names,
    .addresses = addresses,
    .port = port,
};
