/* The functions that a program calls itself: those that drive a handshake past the descriptor's methods, and
 * what it sets that the shim stands before. */
#include "hooks/nss/handshake.h"
#include "hooks/nss/verify.h"

/* The original of `name` for a descriptor without a record. */
#define ORIGINAL(name) ((__typeof__(&(name)))platform_original(__builtin_return_address(0), #name))

/* A call that has driven the handshake. */
static SECStatus driven(struct nss_record *record, PRFileDesc *fd, SECStatus result)
{
    if (result != SECSuccess)
        nss_handshake_failed(record, fd);
    else if (atomic_load(&record->stage) != STAGE_NEW && !nss_handshake_finish(record, fd))
        result = SECFailure;
    return result;
}

/* False where the socket was refused. */
static bool may_drive(struct nss_record *record, PRFileDesc *fd)
{
    return nss_handshake_start(record, fd) != STAGE_REFUSED || nss_handshake_finish(record, fd);
}

SECStatus SSL_ForceHandshake(PRFileDesc *fd)
{
    struct nss_record *record = nss_record_find(fd);
    if (record)
        return may_drive(record, fd) ? driven(record, fd, record->lib->api.SSL_ForceHandshake(fd))
                                     : SECFailure;
    __typeof__(&SSL_ForceHandshake) original = ORIGINAL(SSL_ForceHandshake);
    return original ? original(fd) : SECFailure;
}

SECStatus SSL_ForceHandshakeWithTimeout(PRFileDesc *fd, PRIntervalTime timeout)
{
    struct nss_record *record = nss_record_find(fd);
    if (record)
        return may_drive(record, fd)
                   ? driven(record, fd, record->lib->api.SSL_ForceHandshakeWithTimeout(fd, timeout))
                   : SECFailure;
    __typeof__(&SSL_ForceHandshakeWithTimeout) original = ORIGINAL(SSL_ForceHandshakeWithTimeout);
    return original ? original(fd, timeout) : SECFailure;
}

SECStatus SSL_ResetHandshake(PRFileDesc *fd, PRBool as_server)
{
    struct nss_record *record = nss_record_find(fd);
    __typeof__(&SSL_ResetHandshake) original =
        record ? record->lib->api.SSL_ResetHandshake : ORIGINAL(SSL_ResetHandshake);
    const SECStatus result = original ? original(fd, as_server) : SECFailure;
    if (record)
        nss_handshake_reset(record, fd, as_server);
    return result;
}

SECStatus SSL_SetURL(PRFileDesc *fd, const char *url)
{
    struct nss_record *record = nss_record_find(fd);
    __typeof__(&SSL_SetURL) original = record ? record->lib->api.SSL_SetURL : ORIGINAL(SSL_SetURL);
    const SECStatus result = original ? original(fd, url) : SECFailure;
    if (record)
        nss_handshake_renamed(record, fd);
    return result;
}

SECStatus SSL_AuthCertificateHook(PRFileDesc *fd, SSLAuthCertificate function, void *argument)
{
    struct nss_record *record = nss_record_find(fd);
    if (record) {
        record->program_verify = function;
        record->program_verify_argument = argument;
        return SECSuccess;
    }
    __typeof__(&SSL_AuthCertificateHook) original = ORIGINAL(SSL_AuthCertificateHook);
    return original ? original(fd, function, argument) : SECFailure;
}

SECStatus SSL_BadCertHook(PRFileDesc *fd, SSLBadCertHandler function, void *argument)
{
    struct nss_record *record = nss_record_find(fd);
    if (record) {
        record->program_override = function;
        record->program_override_argument = argument;
        return record->lib->api.SSL_BadCertHook(fd, function ? nss_verify_override : NULL, record);
    }
    __typeof__(&SSL_BadCertHook) original = ORIGINAL(SSL_BadCertHook);
    return original ? original(fd, function, argument) : SECFailure;
}
