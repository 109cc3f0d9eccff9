#include "hooks/openssl/verify.h"

#include "hooks/openssl/handshake.h"
#include "hooks/openssl/peer.h"

#include <errno.h>
#include <stddef.h>

static struct ssl_verification *verification_of(const X509_STORE_CTX *ctx)
{
    return (struct ssl_verification *)verification_find(ctx);
}

/* It lies in its record. */
static const struct openssl *library_of(const struct ssl_verification *verification)
{
    const char *record = (const char *)verification - offsetof(struct ssl_record, verification);
    return ((const struct ssl_record *)record)->lib;
}

static int observe(int ok, X509_STORE_CTX *ctx)
{
    struct ssl_verification *verification = verification_of(ctx);
    if (!verification || !verification->program)
        return 0;
    const int answer = verification->program(ok, ctx);
    if (!ok && answer)
        verification->overridden = true;
    return answer;
}

/* True where nothing in the context leaves a step of the verification out. */
static bool is_unchanged(const struct openssl *lib, X509_STORE_CTX *ctx)
{
    const unsigned long flags = lib->api.X509_VERIFY_PARAM_get_flags(lib->api.X509_STORE_CTX_get0_param(ctx));
    return lib->api.X509_STORE_CTX_get_verify(ctx) == lib->default_verify &&
           lib->api.X509_STORE_CTX_get_check_issued(ctx) == lib->default_check_issued &&
           lib->api.X509_STORE_CTX_get_get_issuer(ctx) == lib->default_get_issuer &&
           !(flags & (X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_USE_CHECK_TIME | X509_V_FLAG_ALLOW_PROXY_CERTS |
                      X509_V_FLAG_IGNORE_CRITICAL));
}

/* The library's verification, watched: every result, error and callback is as without us. */
static int run(struct ssl_verification *verification, X509_STORE_CTX *ctx)
{
    const struct openssl *lib = library_of(verification);
    const struct openssl_api *api = &lib->api;
    if (!verification->watched)
        return api->X509_verify_cert(ctx);
    X509_STORE_CTX_verify_cb program = api->X509_STORE_CTX_get_verify_cb(ctx);
    if (program != observe) /* the program jumped out of a run, and asks again */
        verification->program = program;
    verification->overridden = false;
    api->X509_STORE_CTX_set_verify_cb(ctx, observe);
    const int result = api->X509_verify_cert(ctx);
    const bool observed = api->X509_STORE_CTX_get_verify_cb(ctx) == observe;
    if (observed) /* else the callback has put another in its place */
        api->X509_STORE_CTX_set_verify_cb(ctx, verification->program);
    verification->proven = result == 1 && observed && !verification->overridden &&
                           api->X509_STORE_CTX_get_error(ctx) == X509_V_OK && is_unchanged(lib, ctx);
    return result;
}

/* The handshake must end here: with the error and the alert of a rejected certificate, whatever the program
 * set. */
static int reject(struct ssl_record *record, SSL *ssl, X509_STORE_CTX *ctx)
{
    const struct openssl_api *api = &record->lib->api;
    api->X509_STORE_CTX_set_error(ctx, X509_V_ERR_CERT_REJECTED);
    if (!record->forced) {
        record->forced = true;
        record->verification.program_mode = api->SSL_get_verify_mode(ssl);
    }
    api->SSL_set_verify(ssl, SSL_VERIFY_PEER, api->SSL_get_verify_callback(ssl));
    return 0;
}

/* The program's result, or a rejection. */
static int judge(struct ssl_record *record, SSL *ssl, X509_STORE_CTX *ctx, bool proven, int result)
{
    const struct openssl *lib = record->lib;
    struct openssl_peer peer = {.lib = lib, .ssl = ssl, .ctx = ctx, .proven = proven};
    struct identity identity;
    const int saved = errno;
    (void)lib->api.ERR_set_mark();
    peer_names(&peer, &identity);
    const enum enforcement outcome =
        connection_judge(&record->connection, &identity, &openssl_backend, &peer);
    if (outcome == ENFORCE_ALLOW && record->connection.pinned)
        session_set_tag(lib, lib->api.SSL_get_session(ssl), record->connection.tag);
    (void)lib->api.ERR_pop_to_mark();
    errno = saved;
    return outcome == ENFORCE_REFUSE ? reject(record, ssl, ctx) : result;
}

/* The client's SSL whose peer this context verifies; NULL: a server's, or no TLS at all (S/MIME, OCSP, CMS).
 */
static SSL *client_of(const struct openssl *lib, const X509_STORE_CTX *ctx)
{
    const int index = lib->api.SSL_get_ex_data_X509_STORE_CTX_idx();
    SSL *ssl = lib->api.X509_STORE_CTX_get_ex_data(ctx, index);
    return ssl && !lib->api.SSL_is_server(ssl) ? ssl : NULL;
}

/* Judges a verification: the library's own, or (`by_program`) the program's function in its place. */
static int verify(struct openssl *lib, SSL *ssl, X509_STORE_CTX *ctx,
                  const struct program_verification *by_program)
{
    struct ssl_record spare, *record = ssl_record_of(lib, ssl, &spare);
    struct ssl_verification *verification = &record->verification;
    verification_end(&verification->under_way); /* one that was abandoned */
    verification->program = NULL;
    verification->watched = record->connection.pinned;
    verification->overridden = verification->proven = false;
    if ((by_program || verification->watched) && !ssl_record_is_spare(record))
        verification_begin(&verification->under_way, ctx);
    const int program_result =
        by_program ? by_program->callback(ctx, by_program->argument) : run(verification, ctx);
    verification_end(&verification->under_way);
    const int result = judge(record, ssl, ctx, verification->proven, program_result);
    ssl_record_drop(record);
    return result;
}

int verify_by_program(X509_STORE_CTX *ctx, void *argument)
{
    const struct program_verification *program = argument;
    SSL *ssl = client_of(program->lib, ctx);
    return ssl ? verify(program->lib, ssl, ctx, program) : program->callback(ctx, program->argument);
}

int X509_verify_cert(X509_STORE_CTX *ctx)
{
    const void *caller = __builtin_return_address(0);
    struct openssl *lib;
    /* Maybe met only here: its objects were made unseen, in a DEEPBIND plugin's constructor. */
    if (openssl_meet(caller, &lib) == MEET_NO_MEMORY)
        return -1;
    if (lib) {
        SSL *ssl = ctx ? client_of(lib, ctx) : NULL;
        return ssl ? verify(lib, ssl, ctx, NULL) : lib->api.X509_verify_cert(ctx);
    }
    struct ssl_verification *verification = ctx ? verification_of(ctx) : NULL;
    if (verification) /* the program's own verification function asks the library after all: evidence */
        return run(verification, ctx);
    int (*original)(X509_STORE_CTX *) =
        (int (*)(X509_STORE_CTX *))platform_original(caller, "X509_verify_cert");
    return original ? original(ctx) : 0;
}
