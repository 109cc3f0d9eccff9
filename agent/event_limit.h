/* How many events of each user are kept: a burst, then so many a second. What goes beyond is counted. Pure.
 */
#ifndef PINSHIM_AGENT_EVENT_LIMIT_H
#define PINSHIM_AGENT_EVENT_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    EVENT_BURST = 20000,
    EVENTS_PER_SECOND = 100,
    EVENT_USERS = 64, /* whose events are counted apart; all others share the last place */
};

struct event_allowance {
    bool used;
    uint32_t uid;
    int64_t since;    /* when `left` was reckoned, in milliseconds */
    uint32_t left;    /* events */
    uint64_t dropped; /* and not yet told of */
};

struct event_limit {
    struct event_allowance users[EVENT_USERS];
};

/* The user's; where there is no place for another, everybody else's. */
struct event_allowance *event_limit_of(struct event_limit *limit, uint32_t uid, int64_t now)
    __attribute__((nonnull, returns_nonnull));

/* True where one more may be kept, and is counted as kept. */
bool event_allowance_take(struct event_allowance *allowance, int64_t now)
    __attribute__((nonnull, warn_unused_result));

#endif
