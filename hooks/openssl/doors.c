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

/* The record of an SSL whose birth had no memory for one, or went unseen, in the constructor of a plugin that
 * was loaded RTLD_DEEPBIND. `original` tells whose it is: it is that library's own function. NULL: no
 * library's that we know, or (MEET_NO_MEMORY) maybe one's. */
static enum meeting late_record(const SSL *ssl, any_function *original, struct ssl_record *spare,
                                struct ssl_record **record)
{
    struct openssl *lib = NULL;
    const enum meeting meeting = openssl_meet(__extension__(void *) original, &lib);
    *record = lib ? ssl_record_of(lib, ssl, spare) : NULL;
    return meeting;
}

/* Ends a call that would have succeeded. */
static int refuse(const struct ssl_record *record)
{
    handshake_raise_error(record->lib);
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

/* A door for an SSL without a record. */
static int drive(SSL *ssl, int (*original)(SSL *))
{
    struct ssl_record spare, *record;
    if (!original || late_record(ssl, (any_function *)original, &spare, &record) == MEET_NO_MEMORY)
        return -1;
    int result = original(ssl);
    if (record) {
        result = look_again(record, ssl, result);
        ssl_record_drop(record);
    }
    return result;
}

int SSL_connect(SSL *ssl)
{
    struct ssl_record *record = ssl_record_find(ssl);
    if (record)
        return look_again(record, ssl, record->lib->api.SSL_connect(ssl));
    return drive(ssl, ssl ? ORIGINAL(SSL_connect) : NULL);
}

int SSL_do_handshake(SSL *ssl)
{
    struct ssl_record *record = ssl_record_find(ssl);
    if (record)
        return look_again(record, ssl, record->lib->api.SSL_do_handshake(ssl));
    return drive(ssl, ssl ? ORIGINAL(SSL_do_handshake) : NULL);
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

static int write_early_data(struct ssl_record *record, SSL *ssl, const void *buffer, size_t length,
                            size_t *written)
{
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

/* Early data leaves before the server has proven anything but that it knows the session. Where the session
 * doesn't prove the names, the handshake is done first and the data told to be rejected: a program has to
 * send it again then (RFC 8446, 4.2.10). */
int SSL_write_early_data(SSL *ssl, const void *buffer, size_t length, size_t *written)
{
    struct ssl_record *record = ssl_record_find(ssl), spare;
    if (record)
        return write_early_data(record, ssl, buffer, length, written);
    __typeof__(&SSL_write_early_data) original = ssl ? ORIGINAL(SSL_write_early_data) : NULL;
    if (!original || late_record(ssl, (any_function *)original, &spare, &record) == MEET_NO_MEMORY)
        return 0;
    if (!record)
        return original(ssl, buffer, length, written);
    const int result = write_early_data(record, ssl, buffer, length, written);
    ssl_record_drop(record);
    return result;
}

static void set_info_callback(struct ssl_record *record, SSL *ssl, info_function *callback)
{
    record->program_info = callback;
    if (record->detached)
        record->lib->api.SSL_set_info_callback(ssl, callback);
}

void SSL_set_info_callback(SSL *ssl, info_function *callback)
{
    struct ssl_record *record = ssl_record_find(ssl), spare;
    if (record) {
        set_info_callback(record, ssl, callback);
        return;
    }
    __typeof__(&SSL_set_info_callback) original = ssl ? ORIGINAL(SSL_set_info_callback) : NULL;
    if (!original)
        return;
    (void)late_record(ssl, (any_function *)original, &spare, &record);
    if (record) /* without memory the program's isn't called: ours is what stands before the peer */
        set_info_callback(record, ssl, callback);
    else
        original(ssl, callback);
}

info_function *SSL_get_info_callback(const SSL *ssl)
{
    const struct ssl_record *record = ssl_record_find(ssl);
    if (record)
        return record->program_info;
    __typeof__(&SSL_get_info_callback) original = ssl ? ORIGINAL(SSL_get_info_callback) : NULL;
    info_function *callback = original ? original(ssl) : NULL;
    return callback == handshake_info ? NULL : callback;
}

/* A copy has the program's info callback, too. The library copies ours, where its own calls of what is above
 * don't leave it (-Bsymbolic). */
SSL *SSL_dup(SSL *ssl)
{
    const struct ssl_record *record = ssl_record_find(ssl);
    if (!record) {
        __typeof__(&SSL_dup) original = ssl ? ORIGINAL(SSL_dup) : NULL;
        return original ? original(ssl) : NULL;
    }
    SSL *copy = record->lib->api.SSL_dup(ssl);
    struct ssl_record *of_copy = copy && copy != ssl ? ssl_record_find(copy) : NULL;
    if (of_copy)
        of_copy->program_info = record->program_info;
    return copy;
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

/* Where memory is out, the program's function stands there itself, and handshake_finish judges. */
static void set_verification(struct openssl *lib, SSL_CTX *ctx, verify_function *callback, void *argument)
{
    struct ctx_record *record = ctx_record_of(lib, ctx);
    const struct program_verification *program =
        record && callback ? program_verification_of(record, callback, argument) : NULL;
    if (program)
        lib->api.SSL_CTX_set_cert_verify_callback(ctx, verify_by_program, (void *)program);
    else
        lib->api.SSL_CTX_set_cert_verify_callback(ctx, callback, argument);
}

void SSL_CTX_set_cert_verify_callback(SSL_CTX *ctx, verify_function *callback, void *argument)
{
    struct ctx_record *record = ctx_record_find(ctx);
    if (record) {
        set_verification(record->lib, ctx, callback, argument);
        return;
    }
    __typeof__(&SSL_CTX_set_cert_verify_callback) original =
        ctx ? ORIGINAL(SSL_CTX_set_cert_verify_callback) : NULL;
    struct openssl *lib = NULL;
    if (!original)
        return;
    if (openssl_meet(__extension__(void *) original, &lib) == MEET_KNOWN)
        set_verification(lib, ctx, callback, argument); /* its birth had no memory, or went unseen */
    else
        original(ctx, callback, argument);
}
