#include "tests/clients/kit/kit.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* As many connections as are asked for: in a row, in threads, around a fork. */

/* In a child: what the parent's handshake made is used here. */
static bool exchange_in_child(struct connection *connection)
{
    int status = 0;
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const bool ok = connection_exchange(connection);
        report_print(connection);
        _exit(ok ? 0 : 1);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Whose SSL, or session, the connection after `made` others may use. */
static struct connection *before(const struct options *options, struct connection *connections, int made)
{
    if (made > 1 && options->first_again && made == options->count - 1)
        return connections;
    return made ? &connections[made - 1] : NULL;
}

static bool in_a_row(const struct options *options, SSL_CTX *ctx)
{
    bool ok = true;
    struct connection *connections = calloc((size_t)options->count, sizeof *connections);
    int made = 0;
    while (connections && made < options->count) {
        struct connection *connection = &connections[made];
        *connection = (struct connection){.options = options, .number = made + 1};
        if (!connection_prepare(connection, ctx, before(options, connections, made)))
            exit(3);
        made++;
        bool fine = connection_shake_hands(connection);
        if (fine)
            fine = options->forking == FORK_BETWEEN ? exchange_in_child(connection)
                                                    : connection_exchange(connection);
        if (options->forking != FORK_BETWEEN || !fine)
            report_print(connection);
        ok &= fine;
        connection_end(connection, true);
    }
    for (int i = 0; i < made; i++)
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
    const bool prepared = connection_prepare(connection, task->ctx, NULL);
    if (prepared) {
        ok = connection_shake_hands(connection) && connection_exchange(connection);
        report_print(connection);
        connection_end(connection, false);
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
    alarm(240);
    if (options.close_stderr)
        close(STDERR_FILENO);
    SSL_CTX *ctx = context_new(&options);
    OSSL_LIB_CTX *own = options.library_context ? OSSL_LIB_CTX_new() : NULL;
    OSSL_LIB_CTX *before = OSSL_LIB_CTX_set0_default(own); /* with NULL it stays */
    const bool ok = options.forking == FORK_BEFORE ? run_after_fork(&options, ctx) : run(&options, ctx);
    SSL_CTX_free(ctx);
    OSSL_LIB_CTX_set0_default(before);
    OSSL_LIB_CTX_free(own);
    return ok ? 0 : 1;
}
