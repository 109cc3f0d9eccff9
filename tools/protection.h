/* Is the TLS of a process under the policy, and if not, why? */
#ifndef PINSHIM_TOOLS_PROTECTION_H
#define PINSHIM_TOOLS_PROTECTION_H

#include "tools/process.h"

enum protection_state {
    PROTECTION_UNKNOWN = 0, /* it can't be told: never taken for protected */
    PROTECTION_NO,
    PROTECTION_PARTLY,   /* some of its TLS libraries are */
    PROTECTION_REPORTED, /* violations are told, and nothing is terminated */
    PROTECTION_NO_TLS,   /* there is nothing to protect, so far */
    PROTECTION_YES,
    PROTECTION_STATES
};

struct protection {
    enum protection_state state;
    bool ready; /* where there is no TLS so far: what is loaded later would be protected */
    char why[512];
};

/* `parent`: of the process; NULL: not known. A pure function of both. */
void protection_judge(const struct process *process, const struct process *parent,
                      struct protection *protection) __attribute__((nonnull(1, 3)));

/* True where what it does by TLS is pinned, and so will be what it may load. */
bool protection_is_good(const struct protection *protection) __attribute__((nonnull, warn_unused_result));

/* "yes", "no", "no TLS", ... */
const char *protection_name(enum protection_state state) __attribute__((returns_nonnull, const));

#endif
