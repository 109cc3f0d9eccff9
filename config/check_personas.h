/* What no persona shows alone. */
#ifndef PINSHIM_CONFIG_CHECK_PERSONAS_H
#define PINSHIM_CONFIG_CHECK_PERSONAS_H

#include "config/policy.h"

/* Personas of the same name, and personas that may apply to one process and contradict each other about a
 * host: one exempts what the other pins. A process pins it; their author must say what is meant. */
void check_personas(const struct policy_text *policy, struct diagnostics *diagnostics)
    __attribute__((nonnull));

#endif
