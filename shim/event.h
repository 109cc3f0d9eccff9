/* What happened, told where the policy says: one JSON object a line in a file, and a line to syslog,
 * or, where the machine's agent listens, one to it; and to the person in front of an interactive program.
 *
 * Never fails or allocates, and blocks for a tenth of a second at most, before an agent that is slow; errno
 * stays. Thread-safe and safe after fork: a line is one write.
 */
#ifndef PINSHIM_SHIM_EVENT_H
#define PINSHIM_SHIM_EVENT_H

#include "config/pin.h"
#include "shim/policy.h"
#include "shim/verdict.h"

enum event_kind {
    EVENT_UNTRUSTED_CONNECTION,
    EVENT_WOULD_TERMINATE,
    EVENT_PROXY_USED,
    EVENT_PINS_EXPIRED,
    EVENT_POLICY_LOADED,
    EVENT_POLICY_REJECTED,
    EVENT_REFRESH, /* the agent was asked: `detail` says what came of it */
};

enum { EVENT_PINS = 16 }; /* pins of a list that an event holds; what goes beyond is left out */

struct event_pins {
    struct pin pins[EVENT_PINS];
    size_t count;
};

/* About a connection (host is set) or about the policy (path and detail are). Strings are the caller's. */
struct event {
    enum event_kind kind;
    enum verdict verdict;
    const char *host, *service, *rule, *library;
    unsigned port; /* 0: unknown */
    struct event_pins expected, served, verified;
    const char *path, *detail;
};

/* `policy` says where to; NULL: syslog alone. */
void event_emit(const struct policy *policy, const struct event *event) __attribute__((nonnull(2)));

#endif
