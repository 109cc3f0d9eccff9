/* The file of events, and those before it: at a size it becomes FILE.1, that one FILE.2, and so on. */
#ifndef PINSHIM_AGENT_EVENT_FILE_H
#define PINSHIM_AGENT_EVENT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { EVENT_FILES_KEPT = 4 /* besides the one that is written */ };

struct event_file {
    int fd; /* -1: it can't be written */
    off_t size, most;
    const char *path; /* the caller's */
};

/* Opens it, or makes it, to be rotated at `most` bytes. False, with errno: it can't be written. */
bool event_file_open(struct event_file *file, const char *path, off_t most)
    __attribute__((nonnull, warn_unused_result));

/* Appends a line, in a new file where it would be too large by that. False, with errno: it isn't there, or
 * not all of it. */
bool event_file_append(struct event_file *file, const char *line, size_t length)
    __attribute__((nonnull, warn_unused_result));

void event_file_close(struct event_file *file) __attribute__((nonnull));

#endif
