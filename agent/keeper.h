/* Root's process: waits for what the front has fetched, and for signals. */
#ifndef PINSHIM_AGENT_KEEPER_H
#define PINSHIM_AGENT_KEEPER_H

#include "agent/installer.h"

#include <sys/types.h>

/* Serves until one of the signals (signals.h) says to end, or the front has ended, which is an error. Returns
 * an exit status. */
int keeper_serve(struct installer *installer, int link, int signals, pid_t front) __attribute__((nonnull));

#endif
