/* What this process obeys: found out when it starts, and looked at again while it runs.
 *
 * Thread-safe without a lock: one thread loads, the others go on with what is in force.
 */
#ifndef PINSHIM_SHIM_POLICY_LOAD_H
#define PINSHIM_SHIM_POLICY_LOAD_H

#include "shim/policy.h"

#include <stdbool.h>

/* Has the image's file been cut short in place, so that what is in force must not be touched? */
bool policy_is_cut(const struct policy *policy) __attribute__((nonnull, warn_unused_result));

/* Takes a replaced policy up, at most once a second, or `at_once`: in place of one that is cut, or where
 * there is reason to think that there is a newer one. What couldn't be loaded, for whatever reason (no
 * descriptor, no memory, a bad file), is tried again even where its file stays the same. */
void policy_look_for_replacement(bool at_once);

/* As policy_settle_anew, which may be called by one thread at a time. */
const struct policy *policy_follow_groups(const struct policy *policy)
    __attribute__((nonnull, warn_unused_result));

#endif
