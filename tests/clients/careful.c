/* A client that looks at every result, once for each call that can fail: run under the preload of
 * tests/e2e/faults.c, each connection is made in a child in which another call is the one that fails. It
 * prints a line for each: `point=NUMBER result=RESULT`, the result of the last, in which none failed,
 * included.
 *
 * careful PORT CA NAME VERIFY PHASE STEP: VERIFY is `peer` or `instead` (a function of its own that accepts
 * all); PHASE is what fails, the making of the `context` or the `connection` by one that is there; STEP is
 * the distance between the points. A context that can't be made is tried again, with memory.
 */
#include "tests/clients/loopback.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE = 20 /* seconds */, NONE_FAILED = 100, STAGES = 8 };

void fault_arm(unsigned at) __attribute__((weak));
bool fault_came(void) __attribute__((weak));

struct target {
    int port;
    const char *ca, *name;
    bool instead, fail_context;
};

/* How far a connection came. */
enum stage { CONTEXT, AUTHORITIES, SOCKET, OBJECT, NAMES, HANDSHAKE, EXCHANGE, CONNECTED };
static const char *const stages[STAGES] = {"context", "authorities", "socket",   "object",
                                           "names",   "handshake",   "exchange", "connected"};

static int accept_all(X509_STORE_CTX *ctx, void *argument)
{
    (void)ctx, (void)argument;
    return 1;
}

static enum stage talk(SSL *ssl, const char *name)
{
    static const char secret[] = "secret.1\n";
    char reply[256];
    if (SSL_set_tlsext_host_name(ssl, name) != 1 || SSL_set1_host(ssl, name) != 1)
        return NAMES;
    const bool connected = SSL_connect(ssl) == 1;
    /* Sent whether it succeeded or not, as a program would that only looks like a careful one. */
    const bool sent = SSL_write(ssl, secret, sizeof secret - 1) == sizeof secret - 1;
    if (!connected)
        return HANDSHAKE;
    if (!sent || SSL_read(ssl, reply, sizeof reply) <= 0)
        return EXCHANGE;
    (void)SSL_shutdown(ssl);
    return CONNECTED;
}

static enum stage with_context(SSL_CTX *ctx, const struct target *target)
{
    if (!ctx)
        return CONTEXT;
    if (SSL_CTX_load_verify_file(ctx, target->ca) != 1)
        return AUTHORITIES;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    if (target->instead)
        SSL_CTX_set_cert_verify_callback(ctx, accept_all, NULL);
    const int fd = loopback_connect(target->port);
    if (fd < 0)
        return SOCKET;
    SSL *ssl = SSL_new(ctx);
    const enum stage stage = ssl && SSL_set_fd(ssl, fd) == 1 ? talk(ssl, target->name) : OBJECT;
    SSL_free(ssl);
    close(fd);
    return stage;
}

static void in_child(const struct target *target, SSL_CTX *ctx, unsigned point)
{
    alarm(PATIENCE);
    fault_arm(point);
    if (target->fail_context)
        ctx = SSL_CTX_new(TLS_client_method());
    const bool came = fault_came();
    if (target->fail_context)
        fault_arm(0);
    if (!ctx)
        ctx = SSL_CTX_new(TLS_client_method());
    const enum stage stage = with_context(ctx, target);
    _exit((int)stage + (came || fault_came() ? 0 : NONE_FAILED));
}

/* False: no call was left to fail, or the child did not come to its end. */
static bool report(unsigned point, int status)
{
    if (WIFSIGNALED(status)) {
        printf("point=%u result=signal:%d\n", point, WTERMSIG(status));
        return false;
    }
    const int code = WEXITSTATUS(status);
    printf("point=%u result=%s\n", point, code % NONE_FAILED < STAGES ? stages[code % NONE_FAILED] : "exit");
    return code < NONE_FAILED;
}

int main(int argc, char **argv)
{
    if (argc != 7 || !fault_arm)
        return 2;
    const struct target target = {.port = atoi(argv[1]),
                                  .ca = argv[2],
                                  .name = argv[3],
                                  .instead = strcmp(argv[4], "instead") == 0,
                                  .fail_context = strcmp(argv[5], "context") == 0};
    const unsigned step = (unsigned)atoi(argv[6]);
    signal(SIGPIPE, SIG_IGN);
    SSL_CTX *ctx = target.fail_context ? NULL : SSL_CTX_new(TLS_client_method());
    int status = 0;
    unsigned point = 1;
    do {
        fflush(stdout);
        const pid_t child = fork();
        if (child == 0)
            in_child(&target, ctx, point);
        if (child < 0 || waitpid(child, &status, 0) != child)
            return 3;
        point += step;
    } while (report(point - step, status));
    return WIFSIGNALED(status) ? 1 : 0;
}
