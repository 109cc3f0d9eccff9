/* One name before one server: the evidence is gathered only as far as the verdict needs it. */
#ifndef PINSHIM_SHIM_TRIAL_H
#define PINSHIM_SHIM_TRIAL_H

#include "shim/backend.h"
#include "shim/event.h"
#include "shim/verdict.h"

/* The first four are set by the caller, and outlive the trial; the others zero, and then found. */
struct trial {
    const struct policy *policy;
    const char *host; /* normalised, or "*." and such a name */
    const struct backend *backend;
    void *peer;

    bool covered;     /* an applied entry covers the host: `rule` is set */
    struct rule rule; /* views the policy's image */
    struct verdict_rule facts;
    struct evidence evidence;
    struct event_pins served, verified; /* as far as they were looked at */
};

/* No event, no message; errno may change. */
enum verdict trial_judge(struct trial *trial) __attribute__((nonnull, warn_unused_result));

#endif
