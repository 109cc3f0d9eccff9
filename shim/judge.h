/* From names and a peer to allowed or refused: gathers evidence only as far as the verdict needs it, and
 * tells. */
#ifndef PINSHIM_SHIM_JUDGE_H
#define PINSHIM_SHIM_JUDGE_H

#include "shim/connection.h"

/* Every pinned name must be satisfied. `policy` NULL: there is none, and nothing is refused. */
enum enforcement judge_identity(const struct policy *policy, const struct identity *identity,
                                const struct backend *backend, void *peer)
    __attribute__((nonnull(2, 3, 4), warn_unused_result));

#endif
