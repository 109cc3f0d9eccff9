#include "hooks/gnutls/handshake.h"

#include "hooks/gnutls/peer.h"
#include "hooks/gnutls/resumption.h"
#include "hooks/gnutls/transport.h"

#include <errno.h>

static bool is_allowed(const struct session_record *record)
{
    const struct connection *connection = &record->connection;
    return !record->stale && (!connection->pinned || (connection->judged && connection->allowed));
}

/* Looks the names up; also those that have come since. */
static void begin(struct session_record *record, gnutls_session_t session)
{
    struct connection *connection = &record->connection;
    if (connection->pinned) { /* renegotiation, or a second call: connection_judge adds what is new */
        if (!record->under_way)
            connection_begin_again(connection);
    } else {
        struct gnutls_peer peer;
        struct identity identity;
        identity_clear(&identity);
        gnutls_peer_init(&peer, record, session);
        gnutls_peer_names(record, session, &identity);
        (void)!connection_begin(connection, &identity, &gnutls_backend, &peer); /* `pinned` tells */
        gnutls_peer_release(&peer);
        record->stale = false;
    }
    record->under_way = true;
    resumption_decide(record, session);
}

static enum enforcement judge(struct session_record *record, gnutls_session_t session, bool *certificate)
{
    struct gnutls_peer peer;
    struct identity identity;
    identity_clear(&identity);
    gnutls_peer_init(&peer, record, session);
    gnutls_peer_names(record, session, &identity);
    const enum enforcement outcome = connection_judge(&record->connection, &identity, &gnutls_backend, &peer);
    *certificate = gnutls_peer_has_certificate(&peer);
    gnutls_peer_release(&peer);
    record->stale = false;
    resumption_learn(&record->connection);
    return outcome;
}

/* Sticks. Where a certificate was shown, as if it were a bad one; else as if the two had nothing in common.
 */
static int refuse(struct session_record *record, gnutls_session_t session, bool certificate)
{
    record->refused = true;
    record->error = certificate ? GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR : GNUTLS_E_NO_CIPHER_SUITES;
    session_alert(record, session, certificate ? GNUTLS_A_BAD_CERTIFICATE : GNUTLS_A_HANDSHAKE_FAILURE);
    return record->error;
}

/* What the library would call without us; NULL: nothing. */
static gnutls_certificate_verify_function *program_verify(const struct session_record *record,
                                                          gnutls_session_t session)
{
    void *credentials = NULL;
    if (record->program_verify)
        return record->program_verify;
    if (record->lib->api.gnutls_credentials_get(session, GNUTLS_CRD_CERTIFICATE, &credentials) < 0)
        return NULL;
    return credentials_verify(credentials);
}

/* Stands in a pinned session while its handshake is driven. The program's own comes first, and unchanged. */
static int verify(gnutls_session_t session)
{
    struct session_record *record = session_record_find(session);
    if (!record)
        return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
    gnutls_certificate_verify_function *program = program_verify(record, session);
    int result = program ? program(session) : 0;
    const int saved = errno;
    bool certificate;
    if (judge(record, session, &certificate) == ENFORCE_REFUSE)
        result = refuse(record, session, certificate);
    errno = saved;
    return result;
}

/* A handshake has come to its end for the library: may it be used? What didn't run the verify function, or
 * learnt a name since, is judged here. */
static int finish(struct session_record *record, gnutls_session_t session)
{
    bool certificate = true;
    record->under_way = false;
    record->negotiated = true;
    if (!record->refused) {
        if (is_allowed(record) || judge(record, session, &certificate) != ENFORCE_REFUSE)
            return 0;
        (void)refuse(record, session, certificate);
    }
    session_cut(record, session);
    return record->error;
}

/* True where the call is no handshake: the end of one with a false start (RFC 7918), or, after a handshake of
 * TLS 1.3, an update of its keys. */
static bool is_no_handshake(struct session_record *record, gnutls_session_t session)
{
    const struct libgnutls_api *api = &record->lib->api;
    if (record->under_way || !record->negotiated)
        return false;
    if (record->false_start) {
        record->false_start = false;
        return true;
    }
    const gnutls_protocol_t version = api->gnutls_protocol_get_version(session);
    return version >= GNUTLS_TLS1_3 && version < GNUTLS_DTLS_VERSION_MIN;
}

static int call(struct session_record *record, gnutls_session_t session)
{
    const struct libgnutls_api *api = &record->lib->api;
    if (!record->connection.pinned || record->unknown_verify || !credentials_are_known())
        return api->gnutls_handshake(session);
    record->driving = true;
    api->gnutls_session_set_verify_function(session, verify);
    const int result = api->gnutls_handshake(session);
    record->driving = false;
    api->gnutls_session_set_verify_function(session, record->program_verify);
    return result;
}

int session_drive(struct session_record *record, gnutls_session_t session)
{
    const struct libgnutls_api *api = &record->lib->api;
    if (record->refused)
        return record->error;
    if (record->server || is_no_handshake(record, session))
        return api->gnutls_handshake(session);
    int saved = errno;
    if (!record->under_way || record->stale)
        begin(record, session);
    errno = saved;
    int result = call(record, session);
    saved = errno;
    if (result == 0) {
        result = finish(record, session);
        record->false_start = api->gnutls_session_get_flags(session) & GNUTLS_SFLAGS_FALSE_START;
    } else if (record->refused && record->negotiated) {
        session_cut(record, session); /* renegotiation: it is still good for writing */
    }
    errno = saved;
    return result;
}

bool session_may_be_used(struct session_record *record, gnutls_session_t session)
{
    if (record->refused)
        return false;
    if (record->server || record->under_way || !record->negotiated)
        return true; /* there is a moment of proof to come */
    const int saved = errno;
    const bool allowed = finish(record, session) == 0;
    errno = saved;
    return allowed;
}
