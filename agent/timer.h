/* When to look for a newer policy again. Pure. */
#ifndef PINSHIM_AGENT_TIMER_H
#define PINSHIM_AGENT_TIMER_H

#include <stdint.h>

/* Milliseconds: the interval (seconds), or after `failures` in a row half a minute that doubles up to it;
 * give or take a tenth, by a random number, so that a fleet's devices don't come at once. */
int64_t timer_delay(unsigned interval, unsigned failures, uint32_t random);

#endif
