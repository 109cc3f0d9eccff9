/* Events on disk that events.report_url hasn't got yet: a batch that is being sent, and those after it. A
 * folder of the agent's unprivileged user. */
#ifndef PINSHIM_AGENT_REPORT_QUEUE_H
#define PINSHIM_AGENT_REPORT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

enum { REPORT_BATCH = 4 * 1024 * 1024 /* bytes of each of the two, at most */ };

/* False, with errno: there is no room for it, or no folder. */
bool report_queue_add(const char *folder, const char *line, size_t length)
    __attribute__((nonnull, warn_unused_result));

/* The batch to be sent, open for reading, the caller's to close; the one before again until it was done. -1:
 * there is nothing to send. */
int report_queue_take(const char *folder) __attribute__((nonnull, warn_unused_result));

/* That batch has arrived. */
void report_queue_done(const char *folder) __attribute__((nonnull));

#endif
