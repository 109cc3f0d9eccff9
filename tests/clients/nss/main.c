#include "tests/clients/nss/nss.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* As many connections as are asked for: in a row, in threads, after a fork. */

struct task {
    const struct options *options;
    int number;
    bool ok;
};

static void *in_thread(void *argument)
{
    struct task *task = argument;
    task->ok = connection_run(task->options, task->number);
    return NULL;
}

static bool in_threads(const struct options *options)
{
    bool ok = true;
    struct task *tasks = calloc((size_t)options->threads, sizeof *tasks);
    pthread_t *threads = calloc((size_t)options->threads, sizeof *threads);
    for (int i = 0; i < options->threads; i++) {
        tasks[i] = (struct task){.options = options, .number = 1};
        if (pthread_create(&threads[i], NULL, in_thread, &tasks[i]) != 0)
            abort();
    }
    for (int i = 0; i < options->threads; i++) {
        pthread_join(threads[i], NULL);
        ok &= tasks[i].ok;
    }
    free(threads);
    free(tasks);
    return ok;
}

static bool in_a_row(const struct options *options)
{
    bool ok = true;
    for (int number = 1; number <= options->count; number++) {
        ok &= connection_run(options, number);
        if (options->heap)
            printf("connection=%d heap=%zu\n", number, heap_in_use());
    }
    return ok;
}

static bool run(const struct options *options)
{
    library_start(options);
    const bool ok = options->threads ? in_threads(options) : in_a_row(options);
    library_stop();
    return ok;
}

int main(int argc, char **argv)
{
    struct options options;
    options_parse(argc, argv, &options);
    signal(SIGPIPE, SIG_IGN);
    alarm(240);
    if (options.forking == FORK_BEFORE) { /* PKCS #11 must be started after a fork */
        int status = 0;
        const pid_t child = fork();
        if (child == 0)
            _exit(run(&options) ? 0 : 1);
        waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 9;
    }
    return run(&options) ? 0 : 1;
}
