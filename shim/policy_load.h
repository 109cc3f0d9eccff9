/* What this process obeys: found out when it starts, and looked at again while it runs.
 *
 * Thread-safe without a lock: one thread loads, the others go on with what is in force.
 */
#ifndef PINSHIM_SHIM_POLICY_LOAD_H
#define PINSHIM_SHIM_POLICY_LOAD_H

/* Takes a replaced policy up, at most once a second. What couldn't be loaded, for whatever reason (no
 * descriptor, no memory, a bad file), is tried again even where its file stays the same. */
void policy_look_for_replacement(void);

#endif
