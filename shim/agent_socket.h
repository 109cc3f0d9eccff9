/* A program's end of the agent's sockets (shim/agent_protocol.h). A file per system implements it:
 * agent_socket_linux.c, agent_socket_macos.c.
 *
 * Async-signal-safe, keeps nothing; errno tells why a call failed.
 */
#ifndef PINSHIM_SHIM_AGENT_SOCKET_H
#define PINSHIM_SHIM_AGENT_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

int agent_socket_open(void) __attribute__((warn_unused_result)); /* a descriptor that never waits; -1 */

bool agent_socket_connect(int fd) __attribute__((warn_unused_result));

/* Who listens there was root when it began to. */
bool agent_socket_is_roots(int fd) __attribute__((warn_unused_result));

bool agent_socket_send(int fd, const char *bytes, size_t length) __attribute__((nonnull, warn_unused_result));

/* What is there, without waiting; -1: not a packet. */
long agent_socket_receive(int fd, char *bytes, size_t size) __attribute__((nonnull, warn_unused_result));

/* Until something is there: 1; 0: not in time; -1. Where `fd` is -1, just lets the time pass. */
int agent_socket_wait(int fd, const struct timespec *most) __attribute__((nonnull));

/* Sends an event, a line with its end, by a socket of its own; waits for `patience` milliseconds where that
 * needs it. False: the agent hasn't taken it. */
bool agent_socket_tell(const char *line, size_t length, int patience)
    __attribute__((nonnull, warn_unused_result));

#endif
