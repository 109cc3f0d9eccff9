#include "hooks/gnutls/handshake.h"

#include "hooks/gnutls/path.h"
#include "hooks/gnutls/resumption.h"
#include "hooks/gnutls/transport.h"
#include "hooks/gnutls/without_certificate.h"

#include <errno.h>

/* Whom a program means that names nobody may only show in the leaf. */
static bool wants_proof(const struct session_record *record)
{
    return record->connection.pinned || record->unnamed;
}

static bool is_allowed(const struct session_record *record)
{
    const struct connection *connection = &record->connection;
    return !record->stale && (!wants_proof(record) || (connection->judged && connection->allowed));
}

/* Looks the names up; also those that have come since. */
static void begin(struct session_record *record, gnutls_session_t session)
{
    struct connection *connection = &record->connection;
    const bool again = record->under_way;
    record->under_way = true;
    if (connection->pinned) { /* renegotiation, or a second call: connection_judge adds what is new */
        if (!again)
            connection_begin_again(connection);
    } else {
        struct gnutls_peer peer;
        struct identity identity;
        identity_clear(&identity);
        gnutls_peer_init(&peer, record, session);
        gnutls_peer_names(record, session, &identity);
        record->unnamed = identity.unnamed;
        record->terminate = connection_begin(connection, &identity, &gnutls_backend, &peer) == ARM_TERMINATE;
        gnutls_peer_release(&peer);
        record->stale = false;
    }
    resumption_decide(record, session);
}

static enum enforcement judge(struct session_record *record, gnutls_session_t session,
                              const struct program_path *program, bool *certificate)
{
    struct gnutls_peer peer;
    struct identity identity;
    identity_clear(&identity);
    gnutls_peer_init(&peer, record, session);
    peer.program = program;
    gnutls_peer_names(record, session, &identity);
    const enum enforcement outcome = connection_judge(&record->connection, &identity, &gnutls_backend, &peer);
    *certificate = outcome == ENFORCE_REFUSE && gnutls_peer_has_certificate(&peer);
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
    struct program_path *path = program_path_begin(record, session);
    int result = program ? program(session) : 0;
    program_path_end(path);
    const int saved = errno;
    bool certificate;
    if (judge(record, session, path, &certificate) == ENFORCE_REFUSE)
        result = refuse(record, session, certificate);
    program_path_free(record);
    errno = saved;
    return result;
}

/* What didn't run our verify function, or learnt a name since, is judged here. */
static bool is_proven(struct session_record *record, gnutls_session_t session)
{
    bool certificate = true;
    if (record->refused)
        return false;
    if (is_allowed(record) || judge(record, session, NULL, &certificate) != ENFORCE_REFUSE)
        return true;
    (void)refuse(record, session, certificate);
    return false;
}

/* A handshake has come to its end for the library: may it be used? */
static int finish(struct session_record *record, gnutls_session_t session)
{
    const bool proven = is_proven(record, session);
    record->under_way = false;
    record->negotiated = true;
    if (proven)
        return 0;
    session_cut(record, session);
    return record->error;
}

/* After a handshake of TLS 1.3, the call is an update of its keys. */
static bool is_key_update(const struct session_record *record, gnutls_session_t session)
{
    if (record->under_way || !record->negotiated || record->false_start)
        return false;
    const gnutls_protocol_t version = record->lib->api.gnutls_protocol_get_version(session);
    return version >= GNUTLS_TLS1_3 && version < GNUTLS_DTLS_VERSION_MIN;
}

static void arm(struct session_record *record, gnutls_session_t session)
{
    if (record->connection.pinned && record->terminate)
        without_certificate_withhold(record, session);
    if (!wants_proof(record) || record->unknown_verify || !credentials_are_known())
        return; /* finish alone, then */
    record->armed = true;
    record->lib->api.gnutls_session_set_verify_function(session, verify);
}

/* The peers don't come together, and the server has shown no certificate: what it needed may be what was
 * withheld. The library ends it by itself; it is told why. */
static void tell_of_withheld(struct session_record *record, gnutls_session_t session, int result)
{
    bool certificate;
    if (record->refused || record->connection.judged || !record->lib->api.gnutls_error_is_fatal(result) ||
        (result != GNUTLS_E_FATAL_ALERT_RECEIVED && result != GNUTLS_E_NO_CIPHER_SUITES &&
         result != GNUTLS_E_INSUFFICIENT_CREDENTIALS))
        return;
    record->refused = judge(record, session, NULL, &certificate) == ENFORCE_REFUSE;
    record->error = result;
}

static int call(struct session_record *record, gnutls_session_t session)
{
    const struct libgnutls_api *api = &record->lib->api;
    record->driving = true;
    arm(record, session);
    const int result = api->gnutls_handshake(session);
    const int saved = errno;
    record->driving = false;
    if (record->armed)
        api->gnutls_session_set_verify_function(session, record->program_verify);
    record->armed = false;
    if (without_certificate_give_back(record, session) && result < 0)
        tell_of_withheld(record, session, result);
    errno = saved;
    return result;
}

int session_drive(struct session_record *record, gnutls_session_t session)
{
    const struct libgnutls_api *api = &record->lib->api;
    if (record->refused)
        return record->error;
    if (record->server || is_key_update(record, session))
        return api->gnutls_handshake(session);
    int saved = errno;
    /* One with a false start (RFC 7918) has its end still before it, and its verdict behind it. */
    if (record->false_start ? record->stale : !record->under_way || record->stale)
        begin(record, session);
    errno = saved;
    int result = call(record, session);
    saved = errno;
    if (result == 0) {
        const bool ended = record->false_start;
        result = finish(record, session);
        record->false_start = !ended && (api->gnutls_session_get_flags(session) & GNUTLS_SFLAGS_FALSE_START);
    } else if (record->refused) {
        if (record->negotiated) /* renegotiation: it is still good for writing */
            session_cut(record, session);
        result = record->error;
    }
    errno = saved;
    return result;
}

void session_renamed(struct session_record *record, gnutls_session_t session)
{
    if (!record->under_way)
        return;
    record->stale = true;
    if (!record->driving || record->armed) /* there is a moment to come at which it is seen */
        return;
    const int saved = errno;
    begin(record, session);
    arm(record, session);
    errno = saved;
}

bool session_may_be_used(struct session_record *record, gnutls_session_t session)
{
    const int saved = errno;
    const bool to_be_seen = record->armed || (record->under_way && !record->driving);
    bool may = !record->refused;
    record->stale = true;
    if (may && !to_be_seen && (record->driving || record->negotiated))
        may = is_proven(record, session);
    if (!may)
        session_cut(record, session);
    errno = saved;
    return may;
}
