/* The policy objects of this process, and which of them is in force. For the one thread that loads
 * (policy_load.c); readers use policy_acquire.
 */
#ifndef PINSHIM_SHIM_POLICY_IN_FORCE_H
#define PINSHIM_SHIM_POLICY_IN_FORCE_H

#include "shim/policy.h"

/* What readers get now; NULL: nothing was ever put in force. */
const struct policy *policy_in_force(void) __attribute__((warn_unused_result));

/* Puts an image in force, which is the policy's from then on. False where it can't be told which personas
 * apply, for damage or for lack of memory: then the image refuses every handshake, or, with `keep`, what was
 * in force stays. */
bool policy_put_in_force(struct image *image, bool report, bool keep)
    __attribute__((nonnull, warn_unused_result));

/* There is a policy, and it can't be read: every handshake is refused. Where there is no memory even for
 * that, what was in force stays. */
void policy_refuse(void);

#endif
