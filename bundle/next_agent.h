/* The agent's section of a policy that comes out of a bundle: it decides whether there can be a next one. */
#ifndef PINSHIM_BUNDLE_NEXT_AGENT_H
#define PINSHIM_BUNDLE_NEXT_AGENT_H

#include "config/policy.h"

/* NULL: there is none, or a device that obeys it can fetch and accept another bundle. Else a clause that says
 * why not, static. */
const char *next_agent_fault(const struct agent_policy *agent) __attribute__((nonnull, warn_unused_result));

#endif
