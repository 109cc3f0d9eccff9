#include "hooks/nss/verify.h"

#include "hooks/nss/handshake.h"
#include "hooks/nss/peer.h"

/* A verification that is under way in this thread, the program's function included. */
struct frame {
    struct frame *outer;
    const struct nss *lib;
    struct identity identity; /* the names that it asked the library to verify */
};

/* initial-exec: no allocation, no call into the loader at first use in a thread; this library is never
 * dlopened late. */
static _Thread_local struct frame *innermost __attribute__((tls_model("initial-exec")));

static SECStatus program_verify(const struct nss_record *record, PRFileDesc *fd, PRBool check_signature,
                                PRBool is_server)
{
    const struct nss_api *api = &record->lib->api;
    if (record->program_verify)
        return record->program_verify(record->program_verify_argument, fd, check_signature, is_server);
    return api->SSL_AuthCertificate(api->CERT_GetDefaultCertDB(), fd, check_signature, is_server);
}

/* The names of a handshake whose start went unseen are looked up now. A renegotiation is proven anew. */
static void catch_up(struct nss_record *record, PRFileDesc *fd)
{
    if (nss_handshake_start(record, fd) == STAGE_OPEN)
        connection_begin_again(&record->connection);
}

static enum enforcement judge(struct nss_record *record, PRFileDesc *fd, struct identity *identity)
{
    struct nss_peer peer = {.lib = record->lib, .fd = fd, .fresh = true};
    const struct nss_error error = nss_error_save(record->lib);
    nss_peer_names(record->lib, fd, identity);
    const enum enforcement outcome = connection_judge(&record->connection, identity, &nss_backend, &peer);
    if (record->connection.pinned) /* the name may have shown only now */
        (void)record->lib->api.SSL_OptionSet(fd, SSL_NO_CACHE, PR_TRUE);
    nss_record_set_stage(record, fd, outcome == ENFORCE_REFUSE ? STAGE_REFUSED : STAGE_OPEN);
    nss_error_restore(record->lib, &error);
    return outcome;
}

static SECStatus reject(const struct nss_record *record)
{
    record->lib->api.PR_SetError(SEC_ERROR_UNTRUSTED_CERT, 0);
    return SECFailure;
}

SECStatus nss_verify_server(void *argument, PRFileDesc *fd, PRBool check_signature, PRBool is_server)
{
    struct nss_record *record = argument;
    if (is_server)
        return program_verify(record, fd, check_signature, is_server);
    catch_up(record, fd);
    struct frame frame = {.outer = innermost, .lib = record->lib};
    identity_clear(&frame.identity);
    innermost = &frame;
    const SECStatus result = program_verify(record, fd, check_signature, is_server);
    innermost = frame.outer;
    /* Also where the program's verdict is to follow (SECWouldBlock), or was no: another function may override
     * that. */
    return judge(record, fd, &frame.identity) == ENFORCE_REFUSE ? reject(record) : result;
}

SECStatus nss_verify_override(void *argument, PRFileDesc *fd)
{
    const struct nss_record *record = argument;
    if (atomic_load(&record->stage) == STAGE_REFUSED)
        return reject(record);
    return record->program_override ? record->program_override(record->program_override_argument, fd)
                                    : SECFailure;
}

/* libssl3 calls it for the name of SSL_SetURL; a program's own verification, for whom it means. */
SECStatus CERT_VerifyCertName(const CERTCertificate *certificate, const char *name)
{
    struct frame *frame = innermost;
    if (frame) {
        identity_add(&frame->identity, name);
        return frame->lib->api.CERT_VerifyCertName(certificate, name);
    }
    __typeof__(&CERT_VerifyCertName) original = (__typeof__(&CERT_VerifyCertName))platform_original(
        __builtin_return_address(0), "CERT_VerifyCertName");
    return original ? original(certificate, name) : SECFailure;
}
