/* The policy objects of this process, and which of them is in force. For the one thread that loads
 * (policy_load.c); readers use policy_acquire.
 */
#ifndef PINSHIM_SHIM_POLICY_IN_FORCE_H
#define PINSHIM_SHIM_POLICY_IN_FORCE_H

#include "shim/policy.h"

/* What readers get now; NULL: nothing was ever put in force. */
const struct policy *policy_in_force(void) __attribute__((warn_unused_result));

/* How it is with what is in force. */
enum policy_condition {
    POLICY_CONDITION_NONE,    /* nothing was ever put in force */
    POLICY_CONDITION_REFUSED, /* there is a policy, and it can't be read */
    POLICY_CONDITION_CUT,     /* policy_is_cut */
    POLICY_CONDITION_GOOD,
};

enum policy_condition policy_condition(void) __attribute__((warn_unused_result));

/* Puts an image in force, which is the policy's from then on. With `keep`, not before it is known which
 * personas apply; else the first reader finds out, and where that can't be told, every handshake is refused.
 * False: what was in force stays, for lack of memory or, with `keep`, because the personas can't be told. */
bool policy_put_in_force(struct image *image, bool installed, bool report, bool keep)
    __attribute__((nonnull, warn_unused_result));

/* There is a policy, and it can't be read: every handshake is refused. */
void policy_refuse(void);

/* Puts `policy`, of which the caller has a reference, in force anew, with the personas of the calling
 * thread's groups. Returns it as policy_acquire does; NULL where another one came into force meanwhile. */
const struct policy *policy_settle_anew(const struct policy *policy)
    __attribute__((nonnull, warn_unused_result));

/* In the child of a fork: what another thread was finding out is to be found out anew. */
void policy_settle_after_fork(void);

#endif
