#include "agent/event_limit.h"

#include <stddef.h>

/* To the whole event: the rest of a second counts on. */
static void refill(struct event_allowance *allowance, int64_t now)
{
    enum { EACH = 1000 / EVENTS_PER_SECOND }; /* milliseconds */
    const int64_t more = (now - allowance->since) / EACH;
    if (more <= 0)
        return;
    allowance->since += more * EACH;
    allowance->left =
        more >= EVENT_BURST - (int64_t)allowance->left ? EVENT_BURST : allowance->left + (uint32_t)more;
}

/* Somebody who has been quiet for long enough to have it all again loses nothing by being forgotten. */
static bool is_free(struct event_allowance *allowance, int64_t now)
{
    if (allowance->used)
        refill(allowance, now);
    return !allowance->used || (allowance->left == EVENT_BURST && allowance->dropped == 0);
}

struct event_allowance *event_limit_of(struct event_limit *limit, uint32_t uid, int64_t now)
{
    struct event_allowance *last = &limit->users[EVENT_USERS - 1], *place = last;
    for (struct event_allowance *one = limit->users; one < last; one++)
        if (one->used && one->uid == uid)
            return one;
    for (struct event_allowance *one = limit->users; one < last && place == last; one++)
        if (is_free(one, now))
            place = one;
    if (place != last || !last->used)
        *place = (struct event_allowance){.used = true, .uid = uid, .since = now, .left = EVENT_BURST};
    return place;
}

bool event_allowance_take(struct event_allowance *allowance, int64_t now)
{
    refill(allowance, now);
    if (allowance->left == 0)
        return false;
    allowance->left--;
    return true;
}
