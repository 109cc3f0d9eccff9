/* What becomes of an events file while it is read: it grows, is cut, is replaced, appears. */
#ifndef PINSHIM_TOOLS_LOG_FOLLOW_H
#define PINSHIM_TOOLS_LOG_FOLLOW_H

#include "tools/log_reader.h"

#include <limits.h>
#include <signal.h>
#include <stdbool.h>

struct log_follower {
    const char *path; /* the caller's */
    char folder[PATH_MAX];
    int watch;     /* log_watch.h; -1: none to be had; then, as for what it doesn't see, a look a second */
    int complaint; /* errno of the last attempt to open the file, which was told */
};

/* From here on SIGINT and SIGTERM, unless they are ignored, end the following and nothing else. One follower
 * a process. */
void log_follow_begin(struct log_follower *follower, const char *path) __attribute__((nonnull));

/* True once it was asked to end. */
bool log_follow_ended(void) __attribute__((warn_unused_result));

/* To be called before the file is read to its end: changes from now on are seen. */
void log_follow_watch(struct log_follower *follower) __attribute__((nonnull));

enum log_change {
    LOG_UNCHANGED = 0, /* as far as the file's identity goes; it may have grown */
    LOG_CUT,           /* shorter than what was read of it */
    LOG_REPLACED,      /* another file stands at the path, or one where there was none */
};

/* What has happened since the reader's file was opened. */
enum log_change log_follow_look(const struct log_follower *follower, const struct log_reader *reader)
    __attribute__((nonnull, warn_unused_result));

/* Opens what stands at the path now; where that fails, the reader is closed, and a reason other than the
 * file's absence has been reported once. */
void log_follow_open(struct log_follower *follower, struct log_reader *reader) __attribute__((nonnull));

/* Waits for a change, a second at most. False: it was asked to end, or nobody reads stdout any more. */
bool log_follow_wait(struct log_follower *follower) __attribute__((nonnull, warn_unused_result));

void log_follow_end(struct log_follower *follower) __attribute__((nonnull));

#endif
