/* The functions that a program calls itself: the one that drives a handshake, and what it sets or asks for
 * that decides about it. */
#include "hooks/gnutls/handshake.h"
#include "hooks/gnutls/peer.h"
#include "hooks/gnutls/resumption.h"
#include "shim/address.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ORIGINAL(name) ((__typeof__(&(name)))platform_original(__builtin_return_address(0), #name))

/* The record of `session`, made now where its birth went unseen; NULL: `original` and `meeting` are set. */
#define RECORD(name)                                                                                         \
    struct session_record *record = session_record_find(session);                                            \
    __typeof__(&(name)) original = record ? NULL : ORIGINAL(name);                                           \
    enum meeting meeting = MEET_KNOWN;                                                                       \
    if (!record)                                                                                             \
    record = session_record_late(session, (any_function *)original, &meeting)

int gnutls_handshake(gnutls_session_t session)
{
    RECORD(gnutls_handshake);
    if (record)
        return session_drive(record, session);
    if (meeting == MEET_NO_MEMORY)
        return GNUTLS_E_MEMORY_ERROR;
    return original && session ? original(session) : GNUTLS_E_INVALID_REQUEST;
}

static int set_server_name(struct session_record *record, gnutls_session_t session,
                           gnutls_server_name_type_t type, const void *name, size_t length)
{
    char sni[NAME_SIZE];
    const int saved = errno;
    const bool named = name && length > 0 && gnutls_peer_name(record->lib, name, length, sni, &record->lost);
    errno = saved;
    const int result = record->lib->api.gnutls_server_name_set(session, type, name, length);
    if (result < 0)
        return result;
    session_record_set_sni(record, named ? sni : NULL);
    session_renamed(record, session);
    return result;
}

int gnutls_server_name_set(gnutls_session_t session, gnutls_server_name_type_t type, const void *name,
                           size_t length)
{
    RECORD(gnutls_server_name_set);
    if (record)
        return set_server_name(record, session, type, name, length);
    if (meeting == MEET_NO_MEMORY)
        return GNUTLS_E_MEMORY_ERROR;
    return original && session ? original(session, type, name, length) : GNUTLS_E_INVALID_REQUEST;
}

/* While a handshake is driven, ours stands in the library, and calls what is set here. */
void gnutls_session_set_verify_function(gnutls_session_t session,
                                        gnutls_certificate_verify_function *function)
{
    RECORD(gnutls_session_set_verify_function);
    if (record) {
        record->program_verify = function;
        record->unknown_verify = false;
        if (!record->armed)
            record->lib->api.gnutls_session_set_verify_function(session, function);
    } else if (original && session) {
        original(session, function);
    }
}

/* What the library sets in the two below comes to us by the function above; but for a build of it that binds
 * its own calls (-Bsymbolic, macOS), and then ours doesn't stand in the session any more: nothing is put
 * back. */
static void set_by_library(struct session_record *record, gnutls_session_t session)
{
    if (record->unknown_verify)
        record->armed = false;
    session_renamed(record, session);
}

void gnutls_session_set_verify_cert(gnutls_session_t session, const char *host, unsigned flags)
{
    RECORD(gnutls_session_set_verify_cert);
    if (record) {
        record->verify_host = host;
        record->verify_elements = 0;
        record->unknown_verify = true;
        original = record->lib->api.gnutls_session_set_verify_cert;
    }
    if (original && session)
        original(session, host, flags);
    if (record)
        set_by_library(record, session);
}

void gnutls_session_set_verify_cert2(gnutls_session_t session, gnutls_typed_vdata_st *data, unsigned elements,
                                     unsigned flags)
{
    RECORD(gnutls_session_set_verify_cert2);
    if (record) {
        record->verify_host = NULL;
        record->verify_data = data;
        record->verify_elements = data ? elements : 0;
        record->unknown_verify = true;
        original = record->lib->api.gnutls_session_set_verify_cert2;
    }
    if (original && session)
        original(session, data, elements, flags);
    if (record)
        set_by_library(record, session);
}

void gnutls_certificate_set_verify_function(gnutls_certificate_credentials_t credentials,
                                            gnutls_certificate_verify_function *function)
{
    __typeof__(&gnutls_certificate_set_verify_function) original =
        credentials ? ORIGINAL(gnutls_certificate_set_verify_function) : NULL;
    if (!original)
        return;
    const int saved = errno;
    credentials_note_verify(credentials, function);
    errno = saved;
    original(credentials, function);
}

int gnutls_session_set_data(gnutls_session_t session, const void *data, size_t size)
{
    RECORD(gnutls_session_set_data);
    if (record && !record->server && data && size > 0)
        return resumption_offer(record, session, data, size);
    if (meeting == MEET_NO_MEMORY)
        return GNUTLS_E_MEMORY_ERROR;
    if (record)
        original = record->lib->api.gnutls_session_set_data;
    return original && session ? original(session, data, size) : GNUTLS_E_INVALID_REQUEST;
}

void gnutls_transport_set_pull_function(gnutls_session_t session, gnutls_pull_func function)
{
    RECORD(gnutls_transport_set_pull_function);
    if (record) {
        record->own_pull = true;
        original = record->lib->api.gnutls_transport_set_pull_function;
    }
    if (original && session)
        original(session, function);
}

/* A verification names whom the program means, maybe for the first time, and mostly after the handshake. */
static void take_asked(struct session_record *record, gnutls_session_t session, const char *text,
                       size_t length, unsigned *status)
{
    char name[NAME_SIZE];
    const int saved = errno;
    if (gnutls_peer_name(record->lib, text, length, name, &record->lost) &&
        !gnutls_peer_is_named(record, name)) {
        free(record->asked);
        record->asked = calloc(1, strlen(name) + 1);
        if (record->asked)
            memcpy(record->asked, name, strlen(name) + 1);
        record->lost |= !record->asked;
        if (!session_may_be_used(record, session))
            *status |= GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_NOT_FOUND;
    }
    errno = saved;
}

static void take_typed(struct session_record *record, gnutls_session_t session,
                       const gnutls_typed_vdata_st *data, unsigned *status)
{
    const char *text = (const char *)data->data;
    struct address address;
    char name[NAME_SIZE];
    if (!text)
        return;
    if (data->type == GNUTLS_DT_DNS_HOSTNAME) {
        take_asked(record, session, text, data->size ? data->size : strlen(text), status);
    } else if (data->type == GNUTLS_DT_IP_ADDRESS && address_from_octets(&address, text, data->size)) {
        address_format(&address, name);
        take_asked(record, session, name, strlen(name), status);
    }
}

int gnutls_certificate_verify_peers(gnutls_session_t session, gnutls_typed_vdata_st *data, unsigned elements,
                                    unsigned *status)
{
    RECORD(gnutls_certificate_verify_peers);
    if (record)
        original = record->lib->api.gnutls_certificate_verify_peers;
    const int result =
        original && session ? original(session, data, elements, status) : GNUTLS_E_INVALID_REQUEST;
    for (unsigned i = 0; record && !record->server && result == 0 && i < elements; i++)
        take_typed(record, session, &data[i], status);
    return result;
}

int gnutls_certificate_verify_peers3(gnutls_session_t session, const char *host, unsigned *status)
{
    RECORD(gnutls_certificate_verify_peers3);
    if (record)
        original = record->lib->api.gnutls_certificate_verify_peers3;
    const int result = original && session ? original(session, host, status) : GNUTLS_E_INVALID_REQUEST;
    if (record && !record->server && result == 0 && host)
        take_asked(record, session, host, strlen(host), status);
    return result;
}
