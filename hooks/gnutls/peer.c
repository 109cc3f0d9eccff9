#include "hooks/gnutls/peer.h"

#include "hooks/gnutls/evidence.h"
#include "shim/address.h"
#include "shim/leaf_name.h"
#include "shim/text.h"

#include <string.h>

void gnutls_peer_init(struct gnutls_peer *peer, const struct session_record *record, gnutls_session_t session)
{
    peer->record = record;
    peer->session = session;
    peer->program = NULL;
    peer->count = 0;
}

void gnutls_peer_release(struct gnutls_peer *peer)
{
    while (peer->count > 0)
        peer->record->lib->api.gnutls_x509_crt_deinit(peer->chain[--peer->count]);
}

static bool is_plain(const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (name[i] & 0x80)
            return false;
    return true;
}

static bool copy(const char *text, size_t length, char name[NAME_SIZE])
{
    if (length >= NAME_SIZE)
        return false;
    memcpy(name, text, length);
    name[length] = '\0';
    return true;
}

bool gnutls_peer_name(const struct libgnutls *lib, const char *text, size_t length, char name[NAME_SIZE],
                      bool *lost)
{
    gnutls_datum_t mapped;
    if (is_plain(text, length)) /* which the library leaves as it is */
        return copy(text, length, name);
    const int result = lib->api.gnutls_idna_map(text, (unsigned)length, &mapped, 0);
    *lost |= result == GNUTLS_E_MEMORY_ERROR;
    if (result < 0)
        return false;
    const bool fits = copy((const char *)mapped.data, mapped.size, name);
    (*lib->api.gnutls_free)(mapped.data);
    return fits;
}

/* A name that the library maps when it needs it. */
static void add_name(const struct libgnutls *lib, const char *text, size_t length, struct identity *identity)
{
    char name[NAME_SIZE];
    if (gnutls_peer_name(lib, text, length, name, &identity->overflow))
        identity_add(identity, name);
}

static void add_address(const void *bytes, size_t length, struct identity *identity)
{
    struct address address;
    char text[NAME_SIZE];
    if (!address_from_octets(&address, bytes, length))
        return;
    address_format(&address, text);
    identity_add(identity, text);
}

static void add_verify_data(const struct session_record *record, struct identity *identity)
{
    for (unsigned i = 0; i < record->verify_elements; i++) {
        const gnutls_typed_vdata_st *data = &record->verify_data[i];
        if (!data->data)
            continue;
        if (data->type == GNUTLS_DT_DNS_HOSTNAME)
            add_name(record->lib, (const char *)data->data,
                     data->size ? data->size : strlen((const char *)data->data), identity);
        else if (data->type == GNUTLS_DT_IP_ADDRESS)
            add_address(data->data, data->size, identity);
    }
}

int gnutls_peer_socket(const struct session_record *record, gnutls_session_t session)
{
    return record->own_pull ? -1 : record->lib->api.gnutls_transport_get_int(session);
}

/* What is to be verified is the program's memory, which the library reads in handshakes alone. */
static bool is_there(const struct session_record *record)
{
    return record->under_way || !record->negotiated;
}

void gnutls_peer_names(const struct session_record *record, gnutls_session_t session,
                       struct identity *identity)
{
    identity_add(identity, record->sni);
    if (record->verify_host && is_there(record))
        add_name(record->lib, record->verify_host, strlen(record->verify_host), identity);
    if (is_there(record))
        add_verify_data(record, identity);
    identity_add(identity, record->asked);
    identity->overflow |= record->lost;
    if (identity->count == 0)
        identity_add_peer(identity, gnutls_peer_socket(record, session));
}

bool gnutls_peer_is_named(const struct session_record *record, const char *name)
{
    const char *names[] = {record->sni, is_there(record) ? record->verify_host : NULL, record->asked};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (names[i] && text_equal(names[i], name))
            return true;
    for (const char *kept = connection_names(&record->connection); kept && *kept; kept += strlen(kept) + 1)
        if (text_equal(kept, name))
            return true;
    return false;
}

/* RFC 6125, 6.4.4: the common name counts where no DNS name stands beside it. */
static void visit_common_name(const struct libgnutls *lib, gnutls_x509_crt_t leaf, name_visitor *visit,
                              void *argument)
{
    char name[NAME_SIZE];
    size_t size = sizeof name;
    if (lib->api.gnutls_x509_crt_get_dn_by_oid(leaf, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) == 0)
        (void)visit(name, size, argument);
}

/* False: no more are wanted. */
static bool visit_name(int type, const char *bytes, size_t length, name_visitor *visit, void *argument)
{
    if (type == GNUTLS_SAN_DNSNAME)
        return visit(bytes, length, argument);
    return type != GNUTLS_SAN_IPADDRESS || leaf_name_visit_address(bytes, length, visit, argument);
}

static void leaf_names(void *peer, name_visitor *visit, void *argument)
{
    struct gnutls_peer *p = peer;
    const struct libgnutls *lib = p->record->lib;
    gnutls_x509_crt_t leaf = gnutls_peer_leaf(p);
    bool more = true, named = false;
    if (!leaf)
        return;
    for (unsigned i = 0; more; i++) {
        char bytes[NAME_SIZE];
        size_t length = sizeof bytes;
        const int type = lib->api.gnutls_x509_crt_get_subject_alt_name(leaf, i, bytes, &length, NULL);
        if (type == GNUTLS_E_SHORT_MEMORY_BUFFER) /* no name of a host */
            continue;
        if (type < 0)
            break;
        named |= type == GNUTLS_SAN_DNSNAME;
        more = visit_name(type, bytes, length, visit, argument);
    }
    if (!named)
        visit_common_name(lib, leaf, visit, argument);
}

static unsigned port(void *peer)
{
    const struct gnutls_peer *p = peer;
    return identity_peer_port(gnutls_peer_socket(p->record, p->session));
}

const struct backend gnutls_backend = {
    .library = "gnutls",
    .served = gnutls_peer_served,
    .program_path = gnutls_peer_program_path,
    .own_path = gnutls_peer_own_path,
    .leaf_names = leaf_names,
    .port = port,
};
