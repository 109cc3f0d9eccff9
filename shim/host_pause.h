/* What is done for a host at most once a minute in a process.
 *
 * Zero-initialised: nothing was done yet. Thread-safe without a lock, safe after fork; a child keeps its
 * parent's.
 */
#ifndef PINSHIM_SHIM_HOST_PAUSE_H
#define PINSHIM_SHIM_HOST_PAUSE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    HOST_PAUSE = 60,      /* seconds */
    HOST_PAUSE_HOSTS = 64 /* for which it is done in that time: for more it is not */
};

/* When it was done for each of the last hosts: the second in the upper 32 bits, the host's hash in the lower.
 */
struct host_pause {
    _Atomic uint64_t done[HOST_PAUSE_HOSTS];
};

/* True where it is to be done now, and is counted as done from then on: to one of several threads. */
bool host_pause_claim(struct host_pause *pause, const char *host)
    __attribute__((nonnull, warn_unused_result));

/* As a host is known there. */
uint32_t host_pause_hash(const char *host) __attribute__((nonnull));

#endif
