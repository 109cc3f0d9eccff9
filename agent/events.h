/* Takes the events that processes send, and keeps them where the policy in force says: its file, and the
 * system's log. */
#ifndef PINSHIM_AGENT_EVENTS_H
#define PINSHIM_AGENT_EVENTS_H

#include "agent/event_file.h"
#include "agent/event_limit.h"
#include "agent/event_settings.h"
#include "agent/reports.h"

#include <stdbool.h>
#include <stdint.h>

struct events {
    struct event_settings settings;
    struct event_file file;
    struct event_limit limit;
    struct reports reports;
    int64_t next_drops; /* when drops are told next, in milliseconds; 0: there are none to tell */
    bool told;          /* that the file can't be written */
};

/* They come from event_source.h. */
void events_begin(struct events *events, int64_t now) __attribute__((nonnull));

/* Takes what has come, some of it where it is very much: poll(2) tells of the rest. `now`: milliseconds of
 * any clock that goes forward. */
void events_take(struct events *events, int64_t now) __attribute__((nonnull));

/* Tells of drops, once they are due. */
void events_tell_drops(struct events *events, int64_t now) __attribute__((nonnull));

/* Takes all that is there, and tells of every drop: nothing more will be taken. */
void events_end(struct events *events, int64_t now) __attribute__((nonnull));

#endif
