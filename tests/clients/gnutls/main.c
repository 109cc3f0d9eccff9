#include "tests/clients/gnutls/kit.h"

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
        connection_report(connection);
        _exit(ok ? 0 : 1);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool connect_once(struct connection *connection, const struct connection *before)
{
    if (!connection_prepare(connection, before))
        exit(3);
    bool ok = connection_shake_hands(connection);
    const bool in_child = ok && connection->options->forking == FORK_BETWEEN;
    if (ok)
        ok = in_child ? exchange_in_child(connection) : connection_exchange(connection);
    if (!in_child)
        connection_report(connection);
    connection_end(connection);
    return ok;
}

static bool in_a_row(const struct options *options)
{
    bool ok = true;
    struct connection *connections = calloc((size_t)options->count, sizeof *connections);
    for (int i = 0; connections && i < options->count; i++) {
        connections[i] = (struct connection){.options = options, .number = i + 1};
        ok &= connect_once(&connections[i], i ? &connections[i - 1] : NULL);
    }
    for (int i = 0; connections && i < options->count; i++)
        gnutls_free(connections[i].kept.data);
    free(connections);
    return ok;
}

static _Atomic int last_number;

static void *in_thread(void *argument)
{
    struct connection *connection = calloc(1, sizeof *connection);
    *connection = (struct connection){.options = argument, .number = ++last_number};
    const bool ok = connect_once(connection, NULL);
    gnutls_free(connection->kept.data);
    free(connection);
    return ok ? argument : NULL;
}

static bool in_threads(struct options *options)
{
    bool ok = true;
    pthread_t *threads = calloc((size_t)options->threads, sizeof *threads);
    for (int i = 0; i < options->threads; i++)
        if (pthread_create(&threads[i], NULL, in_thread, options) != 0)
            abort();
    for (int i = 0; i < options->threads; i++) {
        void *result;
        pthread_join(threads[i], &result);
        ok &= result != NULL;
    }
    free(threads);
    return ok;
}

static bool run(struct options *options)
{
    return options->threads ? in_threads(options) : in_a_row(options);
}

/* The child first, then the parent: each with connections of its own. */
static bool run_after_fork(struct options *options)
{
    int status = 0;
    const pid_t child = fork();
    if (child == 0)
        _exit(run(options) ? 0 : 1);
    waitpid(child, &status, 0);
    const bool ok = run(options);
    return ok && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
    struct options options;
    options_parse(argc, argv, &options);
    signal(SIGPIPE, SIG_IGN);
    alarm(240);
    const bool ok = options.forking == FORK_BEFORE ? run_after_fork(&options) : run(&options);
    return ok ? 0 : 1;
}
