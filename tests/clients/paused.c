/* A client whose handshakes are asynchronous jobs that pause in the midst of a verification, as an engine
 * that offloads a signature's check does: several are under way at once in one thread, and they end in the
 * order of their beginning. Prints a line for each: `job=NUMBER result=RESULT`; after them, that of a
 * verification without TLS: `own=RESULT`.
 *
 * paused PORT CA NAME [moving]
 * moving: another thread takes each from its first pause to its second. (A job ends in the thread that began
 * it: libcrypto's async_start_func.)
 */
#include "tests/clients/loopback.h"
#include "tests/clients/own_verification.h"

#include <openssl/async.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATIENCE = 30 /* seconds */, JOBS = 3 };

struct connection {
    SSL *ssl;
    int fd;
    ASYNC_JOB *job;
    ASYNC_WAIT_CTX *wait;
    const char *result; /* NULL: under way */
    int steps;
    bool moves;
};

static int pause_for_each(int ok, X509_STORE_CTX *ctx)
{
    (void)ctx;
    ASYNC_pause_job();
    return ok;
}

static int talk(void *argument)
{
    static const char secret[] = "secret.1\n";
    char reply[256];
    SSL *ssl = *(SSL **)argument;
    if (SSL_connect(ssl) != 1)
        return 1;
    const bool told = SSL_write(ssl, secret, sizeof secret - 1) > 0 && SSL_read(ssl, reply, sizeof reply) > 0;
    (void)SSL_shutdown(ssl);
    return told ? 2 : 3;
}

static void step(struct connection *one)
{
    static const char *const results[] = {"none", "refused", "connected", "cut"};
    int code = 0;
    switch (ASYNC_start_job(&one->job, one->wait, &code, talk, &one->ssl, sizeof one->ssl)) {
    case ASYNC_PAUSE:
        break;
    case ASYNC_FINISH:
        one->result = results[code];
        break;
    default:
        one->result = "failed";
    }
}

static void *step_in_thread(void *argument)
{
    step(argument);
    ASYNC_cleanup_thread();
    return NULL;
}

/* True while it is under way. */
static bool go_on(struct connection *one)
{
    pthread_t thread;
    if (one->result)
        return false;
    if (one->steps++ != 1 || !one->moves)
        step(one);
    else if (pthread_create(&thread, NULL, step_in_thread, one) != 0 || pthread_join(thread, NULL) != 0)
        exit(2);
    return !one->result;
}

static bool begin(struct connection *one, SSL_CTX *ctx, int port, const char *name)
{
    one->fd = loopback_connect(port);
    one->ssl = SSL_new(ctx);
    one->wait = ASYNC_WAIT_CTX_new();
    return one->fd >= 0 && one->ssl && one->wait && SSL_set_fd(one->ssl, one->fd) == 1 &&
           SSL_set_tlsext_host_name(one->ssl, name) == 1 && SSL_set1_host(one->ssl, name) == 1;
}

int main(int argc, char **argv)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (argc < 4 || argc > 5 || !ctx || SSL_CTX_load_verify_file(ctx, argv[2]) != 1)
        return 2;
    alarm(PATIENCE);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, pause_for_each);
    struct connection all[JOBS] = {0};
    for (int i = 0; i < JOBS; i++)
        if (!begin(&all[i], ctx, atoi(argv[1]), argv[3]))
            return 2;
        else
            all[i].moves = argc > 4;
    int under_way = 1; /* each begins a step after the one before */
    for (int begun = 1; under_way; begun += begun < JOBS) {
        under_way = JOBS - begun;
        for (int i = 0; i < begun; i++)
            under_way += go_on(&all[i]);
    }
    for (int i = 0; i < JOBS; i++) {
        printf("job=%d result=%s\n", i, all[i].result);
        SSL_free(all[i].ssl);
        ASYNC_WAIT_CTX_free(all[i].wait);
        close(all[i].fd);
    }
    printf("own=%d\n", verify_own(ctx));
    SSL_CTX_free(ctx);
    ASYNC_cleanup_thread();
    return 0;
}
