/* Sends events to events.report_url, in batches, from a queue on disk; later where that can't be reached. */
#ifndef PINSHIM_AGENT_REPORTS_H
#define PINSHIM_AGENT_REPORTS_H

#include "agent/fetch_job.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reports {
    struct fetch_job job; /* its process is 0: none runs */
    int64_t next;         /* when the next batch is due, in milliseconds; 0: there is nothing to send */
    unsigned failures;    /* in a row */
    bool told;            /* that the queue takes no more */
};

/* What was left on disk is due at once. */
void reports_begin(struct reports *reports, int64_t now) __attribute__((nonnull));

/* Queues a line; where it can't, that is told once. */
void reports_add(struct reports *reports, const char *line, size_t length, int64_t now)
    __attribute__((nonnull));

/* Starts what is due to `url`, and ends what has taken too long. */
void reports_serve_times(struct reports *reports, const char *library, const char *url, int64_t now)
    __attribute__((nonnull));

/* To be polled for reading; -1: nothing. */
int reports_source(const struct reports *reports) __attribute__((nonnull));
void reports_serve_source(struct reports *reports, int64_t now) __attribute__((nonnull));

/* When something is due; 0: nothing is. */
int64_t reports_due(const struct reports *reports) __attribute__((nonnull));

#endif
