#include "tools/log_follow.h"

#include "tools/log_watch.h"
#include "tools/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile sig_atomic_t ended;

static void note_end(int signal_number)
{
    (void)signal_number;
    ended = 1;
}

/* No SA_RESTART: a write that waits for a slow reader returns. */
static void end_by(int signal_number)
{
    struct sigaction action;
    if (sigaction(signal_number, NULL, &action) != 0 || action.sa_handler == SIG_IGN)
        return;
    action = (struct sigaction){.sa_handler = note_end};
    (void)sigaction(signal_number, &action, NULL);
}

void log_follow_begin(struct log_follower *follower, const char *path)
{
    const char *slash = strrchr(path, '/');
    *follower = (struct log_follower){.path = path, .watch = log_watch_open()};
    const int length = slash == path ? 1 : slash ? (int)(slash - path) : 0;
    (void)snprintf(follower->folder, sizeof follower->folder, "%.*s", length ? length : 1,
                   length ? path : ".");
    end_by(SIGINT);
    end_by(SIGTERM);
}

bool log_follow_ended(void)
{
    return ended;
}

void log_follow_watch(struct log_follower *follower)
{
    if (follower->watch >= 0)
        log_watch_add(follower->watch, follower->folder, follower->path);
}

enum log_change log_follow_look(const struct log_follower *follower, const struct log_reader *reader)
{
    struct stat there, read;
    const bool open = reader->fd >= 0 && fstat(reader->fd, &read) == 0;
    if (stat(follower->path, &there) == 0 &&
        (!open || there.st_dev != read.st_dev || there.st_ino != read.st_ino))
        return LOG_REPLACED;
    return open && read.st_size < reader->position ? LOG_CUT : LOG_UNCHANGED;
}

void log_follow_open(struct log_follower *follower, struct log_reader *reader)
{
    log_reader_close(reader);
    if (log_reader_open(reader, follower->path)) {
        follower->complaint = 0;
        return;
    }
    const int error = errno;
    if (error != ENOENT && error != follower->complaint)
        report_warning("%s: %s", follower->path, log_reader_reason(error));
    follower->complaint = error == ENOENT ? 0 : error;
}

bool log_follow_wait(struct log_follower *follower)
{
    sigset_t ends, before;
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGINT);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &ends, &before); /* so that none comes between the look and the sleep */
    const bool read_by_somebody = ended || log_watch_wait(follower->watch, &before);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return !ended && read_by_somebody;
}

void log_follow_end(struct log_follower *follower)
{
    if (follower->watch >= 0)
        close(follower->watch);
}
