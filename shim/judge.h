/* From names and a peer to allowed or refused: gathers evidence only as far as the verdict needs it, and
 * tells. */
#ifndef PINSHIM_SHIM_JUDGE_H
#define PINSHIM_SHIM_JUDGE_H

#include "shim/ask_agent.h"
#include "shim/connection.h"
#include "shim/verdict.h"

/* What became of asking the agent about a violation; zero-initialised: it may be asked. */
struct inquiry {
    enum agent_answer answer;
    enum verdict verdict; /* on this host of the identity */
    const char *host;
};

/* Every pinned name must be satisfied. `policy` NULL: there is none, and nothing is refused.
 *
 * Where the agent was asked, `inquiry` says so: nothing is told then, and it is to be judged once more with
 * the same `inquiry`, by what is in force now. `policy` may have been cut short meanwhile. */
enum enforcement judge_identity(const struct policy *policy, const struct identity *identity,
                                const struct backend *backend, void *peer, struct inquiry *inquiry)
    __attribute__((nonnull(2, 3, 4, 5), warn_unused_result));

/* Tells of the question that was asked. Before `identity` changes. */
void judge_tell_of_inquiry(const struct policy *policy, const struct inquiry *inquiry,
                           const struct backend *backend, void *peer) __attribute__((nonnull(2, 3, 4)));

#endif
