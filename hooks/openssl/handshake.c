#include "hooks/openssl/handshake.h"

#include "hooks/openssl/peer.h"
#include "hooks/openssl/transport.h"
#include "hooks/openssl/without_certificate.h"

#include <errno.h>

uintptr_t session_tag(const struct openssl *lib, const SSL_SESSION *session)
{
    return session ? (uintptr_t)lib->api.SSL_SESSION_get_ex_data(session, lib->session_index) : 0;
}

/* The first index for data of a class; 0 stands for the program's app data. */
enum { FIRST_EX_DATA_INDEX = 1 };

void session_set_tag(const struct openssl *lib, SSL_SESSION *session, uintptr_t tag)
{
    /* A number kept as a pointer: it survives tickets and SSL_SESSION_dup, and is lost in i2d and d2i.
     *
     * Not where the program came first with data of its own: a session whose only data is ours has NULL below
     * it, for which libssl calls the program's dup callbacks, as it never would without us. stunnel's dies of
     * that. Its sessions with pinned hosts are not resumed, then. */
    if (session && lib->session_index <= FIRST_EX_DATA_INDEX && openssl_is_at_home(lib))
        (void)lib->api.SSL_SESSION_set_ex_data(session, lib->session_index, (void *)tag);
}

bool session_is_proven(const struct ssl_record *record, const SSL *ssl)
{
    const uintptr_t tag = session_tag(record->lib, record->lib->api.SSL_get_session(ssl));
    return tag != 0 && tag == record->connection.tag;
}

enum arming handshake_start(struct ssl_record *record, SSL *ssl)
{
    const struct openssl_api *api = &record->lib->api;
    record->sent = peer_sent_name(record->lib, ssl);
    struct openssl_peer peer = {.lib = record->lib, .ssl = ssl, .sent = record->sent};
    struct identity identity;
    peer_names(&peer, &identity);
    const enum arming arming = connection_begin(&record->connection, &identity, &openssl_backend, &peer);
    if (arming == ARM_NONE)
        return arming;
    record->withheld = false;
    if (!record->keep_session && api->SSL_get_session(ssl) && !session_is_proven(record, ssl))
        (void)api->SSL_set_session(ssl, NULL); /* a full handshake follows */
    if (arming == ARM_TERMINATE)
        without_certificate_refuse(record, ssl);
    return arming;
}

void handshake_raise_error(const struct openssl *lib)
{
    lib->api.ERR_new();
    lib->api.ERR_set_error(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED, NULL);
}

bool handshake_is_allowed(const struct ssl_record *record)
{
    return record->connection.judged && record->connection.allowed;
}

enum enforcement handshake_finish(struct ssl_record *record, SSL *ssl)
{
    const struct openssl_api *api = &record->lib->api;
    struct connection *connection = &record->connection;
    enum enforcement outcome = connection->allowed ? ENFORCE_ALLOW : ENFORCE_REFUSE;
    if (!connection->judged) {
        struct openssl_peer peer = {.lib = record->lib, .ssl = ssl, .sent = record->sent};
        struct identity identity;
        peer_names(&peer, &identity);
        /* Early data goes by the session on offer, before the server has taken it. */
        const bool by_session = api->SSL_session_reused(ssl) || api->SSL_get_state(ssl) == TLS_ST_EARLY_DATA;
        const uintptr_t tag = by_session ? session_tag(record->lib, api->SSL_get_session(ssl)) : 0;
        outcome = ENFORCE_ALLOW;
        if (!connection_prove_by_session(connection, &identity, &openssl_backend, &peer, tag))
            outcome = connection_judge(connection, &identity, &openssl_backend, &peer);
    }
    return outcome;
}

/* What the library would call without us. */
static info_function *program_info(const struct ssl_record *record, const SSL *ssl)
{
    if (record->program_info)
        return record->program_info;
    return record->lib->api.SSL_CTX_get_info_callback(record->lib->api.SSL_get_SSL_CTX(ssl));
}

/* Nothing to see until the library's call returns, which it tells us by the callback it started with. */
static void detach(struct ssl_record *record, SSL *ssl)
{
    record->detached = true;
    record->lib->api.SSL_set_info_callback(ssl, record->program_info);
}

static void start(struct ssl_record *record, SSL *ssl)
{
    if (!record->lib->api.SSL_in_before(ssl)) { /* renegotiation: the session can't be changed any more */
        connection_begin_again(&record->connection);
        return;
    }
    const bool stays = !ssl_record_is_spare(record);
    record->undecided = stays && program_info(record, ssl) != NULL;
    if (handshake_start(record, ssl) == ARM_NONE && stays && !record->undecided)
        detach(record, ssl);
}

/* The ClientHello is about to be made. The program's info callback has been told, and may have set names, a
 * session or a shared secret since the start. */
static void decide(struct ssl_record *record, SSL *ssl)
{
    record->undecided = false;
    if (record->lib->api.SSL_get_state(ssl) == TLS_ST_BEFORE && handshake_start(record, ssl) == ARM_NONE)
        detach(record, ssl);
}

/* A call that drives the handshake returns; true where what it drove must not be used. */
static bool leave(struct ssl_record *record, SSL *ssl, bool done)
{
    const struct openssl_api *api = &record->lib->api;
    record->undecided = false;
    if (record->detached) {
        record->detached = false;
        api->SSL_set_info_callback(ssl, handshake_info);
    }
    if (record->forced) { /* the verification that was forced ends with the call that it failed */
        record->forced = false;
        api->SSL_set_verify(ssl, record->verification.program_mode, api->SSL_get_verify_callback(ssl));
    }
    const bool refused = done && handshake_finish(record, ssl) == ENFORCE_REFUSE;
    if (refused)
        transport_cut(record, ssl);
    return refused;
}

/* The peers don't come together, and the server has shown no certificate: what it needed may be what was
 * withheld. The library ends it by itself; it is told why. */
static void tell_of_withheld(struct ssl_record *record, SSL *ssl, int alert)
{
    const bool fatal = alert >> 8 == SSL3_AL_FATAL;
    if (fatal && record->withheld && record->connection.pinned && !record->connection.judged)
        (void)!handshake_finish(record, ssl);
}

/* Our part; errors it runs into are nobody's business, but for a refusal. */
static void observe(struct ssl_record *record, SSL *ssl, int where, int value)
{
    const struct openssl_api *api = &record->lib->api;
    const bool before = !!(where & (SSL_CB_HANDSHAKE_START | SSL_CB_LOOP));
    const bool succeeds = (where & SSL_CB_HANDSHAKE_DONE) || value == 1;
    if (api->SSL_is_server(ssl))
        return;
    const bool alert = where & SSL_CB_ALERT;
    if (!before && !alert && !record->undecided && !record->detached && !record->forced &&
        (!succeeds || handshake_is_allowed(record)))
        return;
    const int saved = errno;
    bool refused = false;
    (void)api->ERR_set_mark();
    if (where & SSL_CB_HANDSHAKE_START)
        start(record, ssl);
    else if (alert)
        tell_of_withheld(record, ssl, value);
    else if (before)
        decide(record, ssl);
    else
        refused = leave(record, ssl, succeeds);
    (void)api->ERR_pop_to_mark();
    if (refused) /* a read that drove it would see an orderly end */
        handshake_raise_error(record->lib);
    errno = saved;
}

static void pass_on(struct ssl_record *record, const SSL *ssl, int where, int value)
{
    const bool before = (where & SSL_CB_HANDSHAKE_START) || (record->undecided && (where & SSL_CB_LOOP));
    const bool ends = (where & SSL_CB_HANDSHAKE_DONE) || (where & SSL_CB_CONNECT_EXIT) == SSL_CB_CONNECT_EXIT;
    if (ends || (record->withheld && (where & SSL_CB_ALERT)))
        observe(record, (SSL *)ssl, where, value);
    info_function *program = program_info(record, ssl);
    if (program)
        program(ssl, where, value);
    if (before) /* last, for the program may still set the names */
        observe(record, (SSL *)ssl, where, value);
}

void handshake_info(const SSL *ssl, int where, int value)
{
    struct ssl_record *record = ssl_record_find(ssl), spare;
    struct openssl *lib = record ? NULL : openssl_of_code(__builtin_return_address(0));
    if (lib) /* its birth had no memory */
        record = ssl_record_of(lib, ssl, &spare);
    if (!record)
        return;
    pass_on(record, ssl, where, value);
    ssl_record_drop(record);
}
