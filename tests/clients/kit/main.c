#include "tests/clients/kit/kit.h"

#include <errno.h>
#include <openssl/err.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Life of one connection, and of as many as are asked for: in a row, in threads, around a fork. */

static SSL *ssl_new(const struct connection *connection, SSL_CTX *ctx)
{
    SSL *ssl = SSL_new(ctx);
    if (ssl && connection->options->dup) {
        SSL *copy = SSL_dup(ssl);
        SSL_free(ssl);
        ssl = copy;
    }
    if (ssl && connection->options->swap_context) {
        struct options other = *connection->options;
        other.verify = "instead";
        SSL_CTX *lax = context_new(&other);
        SSL_set_SSL_CTX(ssl, lax);
        SSL_CTX_free(lax);
    }
    return ssl;
}

/* Up to the first byte. `before`: the connection before, whose SSL may be used again. */
static bool prepare(struct connection *connection, SSL_CTX *ctx, struct connection *before)
{
    const struct options *options = connection->options;
    const bool again = before && options->clear;
    const int port = connection->number > 1 && options->then_port ? options->then_port : options->port;
    snprintf(connection->secret, SECRET_SIZE, "%s.%d\n", options->secret, connection->number);
    connection->fd = transport_connect(port);
    if (connection->fd < 0) {
        fprintf(stderr, "kit: connect: %s\n", strerror(errno));
        return false;
    }
    ERR_raise(ERR_LIB_USER, 1); /* a mark: nothing before the handshake may touch the queue */
    connection->ssl = again ? before->ssl : ssl_new(connection, ctx);
    if (again && SSL_clear(connection->ssl) != 1)
        return false;
    connection_bind(connection);
    context_set_verify_late(options, connection->ssl);
    trace_install(connection);
    if (!options->names_late)
        names_set(connection);
    session_offer(connection, before ? before->ssl : NULL);
    return transport_attach(connection);
}

static bool shake_hands(struct connection *connection)
{
    connection->seen.handshake = drive_handshake(connection);
    if (!connection->seen.handshake && connection->options->ignore_errors)
        drive_regardless(connection);
    return connection->seen.handshake;
}

static bool exchange(struct connection *connection)
{
    if (!drive_exchange(connection))
        return false;
    if (connection->options->renegotiate && !drive_renegotiation(connection))
        return false;
    session_keep(connection);
    return true;
}

static void end(struct connection *connection, bool keep_ssl)
{
    BIO_free_all(connection->bio); /* it holds the transport, too */
    connection->bio = NULL;
    if (connection->seen.handshake)
        (void)SSL_shutdown(connection->ssl);
    transport_flush(connection);
    if (!keep_ssl)
        SSL_free(connection->ssl);
    close(connection->fd);
}

/* In a child: what the parent's handshake made is used here. */
static bool exchange_in_child(struct connection *connection)
{
    int status = 0;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const bool ok = exchange(connection);
        report_print(connection);
        _exit(ok ? 0 : 1);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool in_a_row(const struct options *options, SSL_CTX *ctx)
{
    bool ok = true;
    struct connection *connections = calloc((size_t)options->count, sizeof *connections);
    int made = 0;
    while (connections && made < options->count) {
        struct connection *connection = &connections[made];
        *connection = (struct connection){.options = options, .number = made + 1};
        if (!prepare(connection, ctx, made ? connection - 1 : NULL))
            exit(3);
        made++;
        bool fine = shake_hands(connection);
        if (fine)
            fine = options->forking == FORK_BETWEEN ? exchange_in_child(connection) : exchange(connection);
        if (options->forking != FORK_BETWEEN || !fine)
            report_print(connection);
        ok &= fine;
        end(connection, true);
    }
    for (int i = 0; i < made; i++)
        if (!options->clear || i == made - 1)
            SSL_free(connections[i].ssl);
    free(connections);
    return ok;
}

struct task {
    const struct options *options;
    SSL_CTX *ctx;
    bool ok;
};

static _Atomic int last_number;
static _Atomic bool stopped;

static bool once(const struct task *task)
{
    bool ok = false;
    struct connection *connection = calloc(1, sizeof *connection);
    *connection = (struct connection){.options = task->options, .number = ++last_number};
    const bool prepared = prepare(connection, task->ctx, NULL);
    if (prepared) {
        ok = shake_hands(connection) && exchange(connection);
        report_print(connection);
        end(connection, false);
    }
    free(connection);
    if (!prepared)
        exit(3);
    return ok;
}

static void *in_thread(void *argument)
{
    struct task *task = argument;
    do
        task->ok &= once(task);
    while (task->options->until_eof && !stopped);
    return NULL;
}

static void wait_for_eof(void)
{
    char bytes[256];
    while (read(STDIN_FILENO, bytes, sizeof bytes) > 0)
        ;
    stopped = true;
}

static bool in_threads(const struct options *options, SSL_CTX *ctx)
{
    bool ok = true;
    struct task *tasks = calloc((size_t)options->threads, sizeof *tasks);
    pthread_t *threads = calloc((size_t)options->threads, sizeof *threads);
    for (int i = 0; i < options->threads; i++) {
        tasks[i] = (struct task){.options = options, .ctx = ctx, .ok = true};
        if (pthread_create(&threads[i], NULL, in_thread, &tasks[i]) != 0)
            abort();
    }
    if (options->until_eof)
        wait_for_eof();
    for (int i = 0; i < options->threads; i++) {
        pthread_join(threads[i], NULL);
        ok &= tasks[i].ok;
    }
    free(threads);
    free(tasks);
    return ok;
}

static bool run(const struct options *options, SSL_CTX *ctx)
{
    return options->threads ? in_threads(options, ctx) : in_a_row(options, ctx);
}

/* The child first, then the parent: each with connections of its own, from the context made before. */
static bool run_after_fork(const struct options *options, SSL_CTX *ctx)
{
    int status = 0;
    const pid_t child = fork();
    if (child == 0)
        _exit(run(options, ctx) ? 0 : 1);
    waitpid(child, &status, 0);
    const bool ok = run(options, ctx);
    return ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
    struct options options;
    options_parse(argc, argv, &options);
    signal(SIGPIPE, SIG_IGN);
    alarm(options.until_eof ? 240 : 60);
    if (options.close_stderr)
        close(STDERR_FILENO);
    SSL_CTX *ctx = context_new(&options);
    const bool ok = options.forking == FORK_BEFORE ? run_after_fork(&options, ctx) : run(&options, ctx);
    SSL_CTX_free(ctx);
    return ok ? 0 : 1;
}
