#include "tools/log_watch.h"

#include <poll.h>
#include <stdio_ext.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

int log_watch_open(void)
{
    return inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

/* A folder or a file made anew is another one. */
void log_watch_add(int watch, const char *folder, const char *path)
{
    (void)inotify_add_watch(watch, folder, IN_CREATE | IN_MOVED_TO);
    (void)inotify_add_watch(watch, path, IN_MODIFY | IN_MOVE_SELF | IN_ATTRIB);
}

/* What has changed is looked up, not read from the events. */
static void forget_events(int watch)
{
    char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    while (read(watch, events, sizeof events) > 0)
        ;
}

bool log_watch_wait(int watch, const sigset_t *blocked)
{
    const struct timespec second = {.tv_sec = 1};
    struct pollfd polled[] = {
        {.fd = watch, .events = POLLIN},
        {.fd = STDOUT_FILENO, .events = 0}, /* POLLERR: a pipe's reader has gone */
    };
    (void)ppoll(polled, sizeof polled / sizeof *polled, &second, blocked);
    if (polled[0].revents)
        forget_events(watch);
    return !(polled[1].revents & (POLLERR | POLLHUP));
}

void log_watch_purge(FILE *stream)
{
    __fpurge(stream);
}
