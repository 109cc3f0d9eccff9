/* The functions that a program calls itself: the calls that drive a handshake, and what it sets or asks for
 * that the shim has set before it. The mechanism doesn't rest on them (verify.c, handshake.c do the work). */
#include "hooks/openssl/handshake.h"
#include "hooks/openssl/transport.h"
#include "hooks/openssl/verify.h"

#include <errno.h>
#include <stdlib.h>

/* The original of `name` for an object that no instance knows. NULL, which crashes OpenSSL, is not passed on.
 */
#define ORIGINAL(name) ((__typeof__(&(name)))platform_original(__builtin_return_address(0), #name))

/* Ends a call that would have succeeded. */
static int refuse(const struct ssl_record *record)
{
    record->lib->api.ERR_new();
    record->lib->api.ERR_set_error(ERR_LIB_SSL, SSL_R_CERTIFICATE_VERIFY_FAILED, NULL);
    return -1;
}

/* The second look at a handshake, after the info callback's, which the program may have replaced unseen. */
static int look_again(struct ssl_record *record, SSL *ssl, int result)
{
    if (result != 1 || handshake_is_allowed(record) || record->lib->api.SSL_is_server(ssl))
        return result;
    const int saved = errno;
    (void)record->lib->api.ERR_set_mark();
    const enum enforcement outcome = handshake_finish(record, ssl);
    if (outcome == ENFORCE_REFUSE)
        transport_cut(record, ssl);
    (void)record->lib->api.ERR_pop_to_mark();
    errno = saved;
    return outcome == ENFORCE_REFUSE ? refuse(record) : result;
}

int SSL_connect(SSL *ssl)
{
    struct ssl_record *record = ssl_record_find(ssl);
    if (record)
        return look_again(record, ssl, record->lib->api.SSL_connect(ssl));
    int (*original)(SSL *) = ssl ? ORIGINAL(SSL_connect) : NULL;
    return original ? original(ssl) : -1;
}

int SSL_do_handshake(SSL *ssl)
{
    struct ssl_record *record = ssl_record_find(ssl);
    if (record)
        return look_again(record, ssl, record->lib->api.SSL_do_handshake(ssl));
    int (*original)(SSL *) = ssl ? ORIGINAL(SSL_do_handshake) : NULL;
    return original ? original(ssl) : -1;
}

/* Decides, before the first flight, whether this handshake may carry early data. */
static void start_with_early_data(struct ssl_record *record, SSL *ssl)
{
    const struct openssl_api *api = &record->lib->api;
    if (api->SSL_is_server(ssl) || !api->SSL_in_before(ssl))
        return;
    const int saved = errno;
    (void)api->ERR_set_mark();
    record->keep_session = true;
    const enum arming arming = handshake_start(record, ssl);
    record->keep_session = arming == ARM_REPORT;
    record->early_data_held = arming == ARM_TERMINATE && !session_is_proven(record, ssl);
    (void)api->ERR_pop_to_mark();
    errno = saved;
}

/* Early data leaves before the server has proven anything but that it knows the session. Where the session
 * doesn't prove the names, the handshake is done first and the data told to be rejected: a program has to
 * send it again then (RFC 8446, 4.2.10). */
int SSL_write_early_data(SSL *ssl, const void *buffer, size_t length, size_t *written)
{
    struct ssl_record *record = ssl_record_find(ssl);
    if (!record) {
        int (*original)(SSL *, const void *, size_t, size_t *) = ssl ? ORIGINAL(SSL_write_early_data) : NULL;
        return original ? original(ssl, buffer, length, written) : 0;
    }
    start_with_early_data(record, ssl);
    if (!record->early_data_held) {
        const int result = record->lib->api.SSL_write_early_data(ssl, buffer, length, written);
        record->keep_session = false;
        return result;
    }
    if (SSL_connect(ssl) != 1)
        return 0;
    *written = length;
    return 1;
}

void SSL_set_info_callback(SSL *ssl, info_function *callback)
{
    struct ssl_record *record = ssl_record_find(ssl);
    if (record) {
        record->program_info = callback;
        if (record->detached)
            record->lib->api.SSL_set_info_callback(ssl, callback);
        return;
    }
    void (*original)(SSL *, info_function *) = ssl ? ORIGINAL(SSL_set_info_callback) : NULL;
    if (original)
        original(ssl, callback);
}

info_function *SSL_get_info_callback(const SSL *ssl)
{
    const struct ssl_record *record = ssl_record_find(ssl);
    if (record)
        return record->program_info;
    __typeof__(&SSL_get_info_callback) original = ssl ? ORIGINAL(SSL_get_info_callback) : NULL;
    return original ? original(ssl) : NULL;
}

/* One object for each pair, however often a program sets it. */
static const struct program_verification *program_verification_of(struct ctx_record *record,
                                                                  verify_function *callback, void *argument)
{
    struct program_verification *program = record->verifications;
    while (program && (program->callback != callback || program->argument != argument))
        program = program->next;
    if (!program && (program = calloc(1, sizeof *program))) {
        *program = (struct program_verification){
            .next = record->verifications, .lib = record->lib, .callback = callback, .argument = argument};
        record->verifications = program;
    }
    return program;
}

void SSL_CTX_set_cert_verify_callback(SSL_CTX *ctx, verify_function *callback, void *argument)
{
    struct ctx_record *record = ctx_record_find(ctx);
    if (!record) {
        void (*original)(SSL_CTX *, verify_function *, void *) =
            ctx ? ORIGINAL(SSL_CTX_set_cert_verify_callback) : NULL;
        if (original)
            original(ctx, callback, argument);
        return;
    }
    const struct openssl_api *api = &record->lib->api;
    const struct program_verification *program =
        callback ? program_verification_of(record, callback, argument) : NULL;
    if (program)
        api->SSL_CTX_set_cert_verify_callback(ctx, verify_by_program, (void *)program);
    else /* none, or no memory: the library's own verification is the stricter one */
        api->SSL_CTX_set_cert_verify_callback(ctx, NULL, NULL);
}
