/* A clock that nobody sets, and that goes on while the machine sleeps: CLOCK_BOOTTIME on Linux, on macOS
 * CLOCK_MONOTONIC_RAW, which counts that time there. */
#ifndef PINSHIM_AGENT_CLOCK_H
#define PINSHIM_AGENT_CLOCK_H

#include <stdint.h>

int64_t clock_now(void); /* milliseconds */

#endif
