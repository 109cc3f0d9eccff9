/* The agent's socket, for a command that waits for the answer: a packet each way. On macOS it is a stream
 * (shim/agent_socket_macos.c). */
#ifndef PINSHIM_TOOLS_AGENT_LINK_H
#define PINSHIM_TOOLS_AGENT_LINK_H

#include <stddef.h>

/* Connected to root's own agent; an answer is waited for `patience` seconds. -1: errno, or 0 where the other
 * side isn't root's. */
int agent_link_open(int patience) __attribute__((warn_unused_result));

/* `answer` stays as it is where none comes. */
void agent_link_ask(int fd, const char *question, char *answer, size_t size) __attribute__((nonnull));

#endif
