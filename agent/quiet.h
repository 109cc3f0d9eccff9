/* Descriptors that never wait, and that other programs don't get. */
#ifndef PINSHIM_AGENT_QUIET_H
#define PINSHIM_AGENT_QUIET_H

#include <stdbool.h>

/* Makes one of it. False with errno. */
bool quiet_descriptor(int fd) __attribute__((warn_unused_result));

/* Prepares both ends of a pair; where one can't be, both are closed. False with errno. */
bool pair_prepare(int ends[2], bool (*prepare)(int end)) __attribute__((nonnull, warn_unused_result));

/* False with errno: there is none, and nothing to close. */
bool quiet_pipe(int ends[2]) __attribute__((nonnull, warn_unused_result));

#endif
