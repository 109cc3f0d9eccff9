#include "hooks/openssl/verify.h"

#include "hooks/openssl/handshake.h"
#include "hooks/openssl/peer.h"

#include <errno.h>

/* A verification that is under way in this thread, the program's callbacks included. */
struct frame {
    struct frame *outer;
    X509_STORE_CTX *ctx;
    const struct openssl *lib;
    X509_STORE_CTX_verify_cb program; /* the verify callback that the observer stands before */
    bool watched;                     /* the host is pinned: the run is evidence */
    bool overridden;                  /* the callback turned an error into success */
    bool proven;                      /* a run of X509_verify_cert proved its path */
};

/* initial-exec: no allocation, no call into the loader at first use in a thread; this library is never
 * dlopened late. */
static _Thread_local struct frame *innermost __attribute__((tls_model("initial-exec")));

static struct frame *frame_of(const X509_STORE_CTX *ctx)
{
    struct frame *frame = innermost;
    while (frame && frame->ctx != ctx)
        frame = frame->outer;
    return frame;
}

/* Verifications don't always end in the order of their beginning: an asynchronous job may pause in one while
 * the thread runs another. */
static void unlink_frame(const struct frame *frame)
{
    struct frame **link = &innermost;
    while (*link && *link != frame)
        link = &(*link)->outer;
    if (*link)
        *link = frame->outer;
}

static int observe(int ok, X509_STORE_CTX *ctx)
{
    struct frame *frame = frame_of(ctx);
    if (!frame)
        return 0;
    const int answer = frame->program(ok, ctx);
    if (!ok && answer)
        frame->overridden = true;
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
static int run(struct frame *frame)
{
    const struct openssl_api *api = &frame->lib->api;
    if (!frame->watched)
        return api->X509_verify_cert(frame->ctx);
    X509_STORE_CTX_verify_cb program = api->X509_STORE_CTX_get_verify_cb(frame->ctx);
    frame->program = program;
    frame->overridden = false;
    api->X509_STORE_CTX_set_verify_cb(frame->ctx, observe);
    const int result = api->X509_verify_cert(frame->ctx);
    const bool observed = api->X509_STORE_CTX_get_verify_cb(frame->ctx) == observe;
    if (observed) /* else the callback has put another in its place */
        api->X509_STORE_CTX_set_verify_cb(frame->ctx, program);
    frame->proven = result == 1 && observed && !frame->overridden &&
                    api->X509_STORE_CTX_get_error(frame->ctx) == X509_V_OK &&
                    is_unchanged(frame->lib, frame->ctx);
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
        record->program_verify_mode = api->SSL_get_verify_mode(ssl);
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

/* Runs a verification in a frame: the library's own, or (`by_program`) the program's function in its place.
 */
static int verify_in_frame(struct openssl *lib, SSL *ssl, X509_STORE_CTX *ctx,
                           const struct program_verification *by_program)
{
    struct ssl_record spare, *record = ssl_record_of(lib, ssl, &spare);
    struct frame frame = {.outer = innermost, .ctx = ctx, .lib = lib, .watched = record->connection.pinned};
    innermost = &frame;
    const int program_result = by_program ? by_program->callback(ctx, by_program->argument) : run(&frame);
    unlink_frame(&frame);
    const int result = judge(record, ssl, ctx, frame.proven, program_result);
    ssl_record_drop(record);
    return result;
}

int verify_by_program(X509_STORE_CTX *ctx, void *argument)
{
    const struct program_verification *program = argument;
    SSL *ssl = client_of(program->lib, ctx);
    return ssl ? verify_in_frame(program->lib, ssl, ctx, program) : program->callback(ctx, program->argument);
}

int X509_verify_cert(X509_STORE_CTX *ctx)
{
    const void *caller = __builtin_return_address(0);
    struct openssl *lib = openssl_of_code(caller);
    if (lib) {
        SSL *ssl = ctx ? client_of(lib, ctx) : NULL;
        return ssl ? verify_in_frame(lib, ssl, ctx, NULL) : lib->api.X509_verify_cert(ctx);
    }
    struct frame *frame = ctx ? frame_of(ctx) : NULL;
    if (frame) /* the program's own verification function asks the library after all: evidence */
        return run(frame);
    int (*original)(X509_STORE_CTX *) =
        (int (*)(X509_STORE_CTX *))platform_original(caller, "X509_verify_cert");
    return original ? original(ctx) : 0;
}
