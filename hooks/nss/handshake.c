#include "hooks/nss/handshake.h"

#include "hooks/nss/peer.h"
#include "hooks/nss/without_certificate.h"
#include "shim/sleep.h"

/* How long to wait for another thread that looks a socket's names up; it may be gone, by a fork. Each turn is
 * a brief sleep, and a look-up waits for no more than a policy that is read. */
enum { TURNS_TO_WAIT = 100000 };

/* Whose certificate it is that the socket will verify: a client's peer's, or nobody's. */
static bool is_server(const struct nss_record *record, PRFileDesc *fd)
{
    PRIntn as_server = record->role == ROLE_SERVER;
    if (record->role == ROLE_BY_OPTION && !record->begun)
        (void)record->lib->api.SSL_OptionGet(fd, SSL_HANDSHAKE_AS_SERVER, &as_server);
    return as_server;
}

static bool is_tls(const struct nss_record *record, PRFileDesc *fd)
{
    PRIntn on = 0;
    return record->lib->api.SSL_OptionGet(fd, SSL_SECURITY, &on) != SECSuccess || on;
}

static bool is_done(const struct nss_record *record, PRFileDesc *fd)
{
    int on = SSL_SECURITY_STATUS_OFF;
    (void)record->lib->api.SSL_SecurityStatus(fd, &on, NULL, NULL, NULL, NULL, NULL);
    return on != SSL_SECURITY_STATUS_OFF;
}

/* What the names ask for. */
static enum stage look_up(struct nss_record *record, PRFileDesc *fd)
{
    if (is_server(record, fd))
        return STAGE_OPEN;
    struct identity identity;
    identity_clear(&identity);
    nss_peer_names(record->lib, fd, &identity);
    struct nss_peer peer = {.lib = record->lib, .fd = fd};
    const bool fresh = !record->begun;
    const enum arming arming = connection_begin(&record->connection, &identity, &nss_backend, &peer);
    record->begun = true;
    record->withheld = false;
    /* Whom a client means that names nobody may only show in the certificate, also of a resumed session. */
    if (arming == ARM_NONE)
        return identity.unnamed ? STAGE_WATCHED : STAGE_OPEN;
    /* No session is ever resumed, for the library can't take one back that doesn't prove the names. */
    (void)record->lib->api.SSL_OptionSet(fd, SSL_NO_CACHE, PR_TRUE);
    if (fresh)
        nss_without_certificate(record, fd, arming);
    return STAGE_WATCHED;
}

/* Another thread is at it. Where that is gone, its stage is no verdict: the handshake's end brings one. */
static enum stage wait_for_start(struct nss_record *record)
{
    enum stage stage = atomic_load(&record->stage);
    for (int i = 0; i < TURNS_TO_WAIT && stage == STAGE_STARTING; i++) {
        sleep_briefly();
        stage = atomic_load(&record->stage);
    }
    if (stage == STAGE_STARTING && atomic_compare_exchange_strong(&record->stage, &stage, STAGE_WATCHED))
        return STAGE_WATCHED;
    return stage;
}

enum stage nss_handshake_start(struct nss_record *record, PRFileDesc *fd)
{
    enum stage stage = STAGE_NEW;
    if (atomic_load(&record->stage) != STAGE_NEW)
        return wait_for_start(record);
    const struct nss_error error = nss_error_save(record->lib);
    if (is_tls(record, fd)) {
        if (atomic_compare_exchange_strong(&record->stage, &stage, STAGE_STARTING)) {
            stage = look_up(record, fd);
            nss_record_set_stage(record, fd, stage);
        } else {
            stage = wait_for_start(record);
        }
    }
    nss_error_restore(record->lib, &error);
    return stage;
}

/* The end of a handshake in which our verification didn't run, or of one whose names came later. */
static enum stage judge(struct nss_record *record, PRFileDesc *fd)
{
    struct nss_peer peer = {.lib = record->lib, .fd = fd};
    struct identity identity;
    identity_clear(&identity);
    nss_peer_names(record->lib, fd, &identity);
    if (connection_judge(&record->connection, &identity, &nss_backend, &peer) != ENFORCE_REFUSE)
        return STAGE_OPEN;
    (void)record->lib->api.SSL_InvalidateSession(fd); /* the next handshake brings a certificate */
    return STAGE_REFUSED;
}

static bool refuse(const struct nss_record *record)
{
    record->lib->api.PR_SetError(SEC_ERROR_UNTRUSTED_CERT, 0);
    return false;
}

bool nss_handshake_finish(struct nss_record *record, PRFileDesc *fd)
{
    enum stage stage = atomic_load(&record->stage);
    if (stage == STAGE_WATCHED) {
        const struct nss_error error = nss_error_save(record->lib);
        stage = judge(record, fd);
        nss_record_set_stage(record, fd, stage);
        nss_error_restore(record->lib, &error);
    }
    return stage == STAGE_REFUSED ? refuse(record) : true;
}

/* The peers don't come together, and the server has shown no certificate: what it needed may be what was
 * withheld. */
void nss_handshake_failed(struct nss_record *record, PRFileDesc *fd)
{
    const struct nss_error error = nss_error_save(record->lib);
    if (atomic_load(&record->stage) == STAGE_WATCHED && record->withheld &&
        error.code != PR_WOULD_BLOCK_ERROR && error.code != PR_IO_TIMEOUT_ERROR)
        nss_record_set_stage(record, fd, judge(record, fd));
    nss_error_restore(record->lib, &error);
}

bool nss_handshake_lets_pass(struct nss_record *record, PRFileDesc *fd, PRIntervalTime timeout)
{
    const struct nss_api *api = &record->lib->api;
    switch (nss_handshake_start(record, fd)) {
    case STAGE_NEW:
    case STAGE_OPEN:
        return true;
    case STAGE_REFUSED:
        return refuse(record);
    case STAGE_STARTING:
    case STAGE_WATCHED:
        break;
    }
    if (!is_done(record, fd) && api->SSL_ForceHandshakeWithTimeout(fd, timeout) != SECSuccess) {
        nss_handshake_failed(record, fd);
        return false;
    }
    return nss_handshake_finish(record, fd);
}

void nss_handshake_renamed(struct nss_record *record, PRFileDesc *fd)
{
    /* What waits for the verdict is judged by all names, the new one too; what was refused stays so. */
    if (atomic_load(&record->stage) != STAGE_OPEN &&
        !(atomic_load(&record->stage) == STAGE_WATCHED && !record->connection.pinned))
        return;
    nss_record_set_stage(record, fd, STAGE_NEW);
}

void nss_handshake_reset(struct nss_record *record, PRFileDesc *fd, bool server)
{
    connection_clear(&record->connection);
    record->role = server ? ROLE_SERVER : ROLE_CLIENT;
    record->begun = record->has_token = record->withheld = false;
    nss_record_set_stage(record, fd, STAGE_NEW);
}
