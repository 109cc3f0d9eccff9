/* Whom a client thinks it is talking to: every name it sends or asks its library to verify.
 *
 * A plain value on the caller's stack; no allocation.
 */
#ifndef PINSHIM_SHIM_IDENTITY_H
#define PINSHIM_SHIM_IDENTITY_H

#include "config/name.h"

#include <stdbool.h>
#include <stddef.h>

enum { IDENTITY_NAMES = 8 };

struct identity {
    size_t count;
    bool overflow; /* there were more: what they are isn't known */
    bool unnamed;  /* the program names nobody: what is here is the peer's address, or nothing */
    char names[IDENTITY_NAMES][NAME_SIZE];
};

/* Makes it empty. */
void identity_clear(struct identity *identity) __attribute__((nonnull));

/* Adds a name in the policy's spelling, once. NULL, and what can't be a host name of any policy, is left out.
 */
void identity_add(struct identity *identity, const char *name) __attribute__((nonnull(1)));

/* Whom a program means that names nobody, by the peer of its socket: the names whose look-up gave the peer's
 * address in this process, else the address itself. `fd` -1: the transport isn't a socket; it counts only
 * where the process has a single peer. Not async-signal-safe (a lock). */
void identity_add_peer(struct identity *identity, int fd) __attribute__((nonnull));

/* That peer's port; 0 where it isn't known. */
unsigned identity_peer_port(int fd) __attribute__((warn_unused_result));

#endif
