/* The events that processes send, each with its sender, for whom the kernel vouches. Linux: a datagram each
 * (event_source_linux.c). macOS, whose datagrams name nobody: a connection each, on which the agent says that
 * it has taken it (event_source_macos.c). */
#ifndef PINSHIM_AGENT_EVENT_SOURCE_H
#define PINSHIM_AGENT_EVENT_SOURCE_H

#include "agent/askers.h"
#include "agent/event_line.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EVENT_SOURCES = 1 + ASKERS /* descriptors, at most */ };

struct event_packet {
    char bytes[EVENT_LINE_SIZE];
    size_t size; /* 0: it was longer than an event gets */
    struct event_sender sender;
};

/* The one of this process: `socket` is of socket_open, the caller's. */
void event_source_begin(int socket);

/* Lists what is to be polled for events; returns how many. */
size_t event_source_list(struct pollfd sources[EVENT_SOURCES]) __attribute__((nonnull, warn_unused_result));

/* Closes those who have connected and send nothing; milliseconds until the next one is due, or -1. */
int64_t event_source_expire(int64_t now) __attribute__((warn_unused_result));

/* The next one that has come; false: none. */
bool event_source_next(struct event_packet *packet, int64_t now) __attribute__((nonnull, warn_unused_result));

#endif
