#include "hooks/nss/verify.h"

#include "hooks/nss/handshake.h"
#include "hooks/nss/peer.h"

#include <stdatomic.h>
#include <stdlib.h>

/* The library's socket whose peer this thread verifies, or did when the program jumped out of it: then it may
 * be gone. initial-exec: no allocation, no call into the loader at first use in a thread; this library is
 * never dlopened late. */
static _Thread_local const void *verifying __attribute__((tls_model("initial-exec")));

static struct nss_verification *innermost(void)
{
    return verifying ? (struct nss_verification *)verification_find(verifying) : NULL;
}

/* Where memory is out, one at a time goes on: that of an unpinned host must not fail by it. */
static struct nss_verification spare;
static atomic_flag spare_taken = ATOMIC_FLAG_INIT;

static struct nss_verification *make(void)
{
    struct nss_verification *verification = calloc(1, sizeof *verification);
    if (verification || atomic_flag_test_and_set(&spare_taken))
        return verification;
    spare = (struct nss_verification){0};
    return &spare;
}

static void begin(struct nss_record *record)
{
    nss_verification_free(record);
    struct nss_verification *verification = record->verification = make();
    if (!verification)
        return;
    verification->lib = record->lib;
    verification->outer = verifying;
    verification_begin(&verification->under_way, record->node.object);
    verifying = record->node.object;
}

/* The names that the program asked for; where there was no memory for them, they aren't known. */
static void end(struct nss_record *record, struct identity *asked)
{
    const struct nss_verification *verification = record->verification;
    identity_clear(asked);
    asked->overflow = !verification;
    if (!verification)
        return;
    *asked = verification->asked;
    verifying = verification->outer;
    nss_verification_free(record);
}

void nss_verification_free(struct nss_record *record)
{
    if (record->verification)
        verification_end(&record->verification->under_way);
    if (record->verification == &spare)
        atomic_flag_clear(&spare_taken);
    else
        free(record->verification);
    record->verification = NULL;
}

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
    struct identity asked;
    begin(record);
    const SECStatus result = program_verify(record, fd, check_signature, is_server);
    end(record, &asked);
    /* Also where the program's verdict is to follow (SECWouldBlock), or was no: another function may override
     * that. */
    return judge(record, fd, &asked) == ENFORCE_REFUSE ? reject(record) : result;
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
    struct nss_verification *verification = innermost();
    if (verification) {
        identity_add(&verification->asked, name);
        return verification->lib->api.CERT_VerifyCertName(certificate, name);
    }
    __typeof__(&CERT_VerifyCertName) original = (__typeof__(&CERT_VerifyCertName))platform_original(
        __builtin_return_address(0), "CERT_VerifyCertName");
    return original ? original(certificate, name) : SECFailure;
}
