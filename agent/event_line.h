/* What a process says has happened: one JSON object, as shim/event.c writes it, and nothing else. */
#ifndef PINSHIM_AGENT_EVENT_LINE_H
#define PINSHIM_AGENT_EVENT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EVENT_LINE_SIZE = 4096 }; /* with its end; docs/policy.md */

/* Who sent it: the kernel vouches for these, and they replace what the line says. */
struct event_sender {
    uint32_t pid, uid;
};

/* The line to be kept, with its end, *length bytes of it. False: it is no event. Pure. */
bool event_line_take(const char *packet, size_t size, const struct event_sender *sender,
                     char line[EVENT_LINE_SIZE], size_t *length) __attribute__((nonnull, warn_unused_result));

#endif
