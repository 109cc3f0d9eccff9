#include "shim/process_status.h"

#include "shim/system.h"
#include "shim/text.h"

#include <stddef.h>

_Static_assert(offsetof(struct process_status, policy_version) == 40 &&
                   offsetof(struct process_status, sequence) == 52 &&
                   offsetof(struct process_status, host) == 104,
               "no padding in what a reader of another build looks at");

/* Not static: what is only written would be left out. Initialised, so that it isn't in .bss, which has no
 * file to its mapping. */
struct process_status process_status __attribute__((aligned(PROCESS_STATUS_ALIGNMENT), used)) = {
    .magic = PROCESS_STATUS_MAGIC,
    .layout = PROCESS_STATUS_LAYOUT,
    .size = sizeof process_status,
    .library_version = PINSHIM_VERSION,
};

static enum policy_state state_of(const struct policy *policy)
{
    if (policy->refused)
        return POLICY_STATE_UNREADABLE;
    return policy->report ? POLICY_STATE_REPORTED : POLICY_STATE_ENFORCED;
}

void process_status_policy(const struct policy *policy)
{
    atomic_store_explicit(&process_status.policy_version,
                          policy->mapped ? policy->image.header.policy_version : 0, memory_order_relaxed);
    atomic_store_explicit(&process_status.policy_state, state_of(policy), memory_order_relaxed);
}

/* The right to write the last verdict: not while another thread of this process does. A parent's thread that
 * was at it when it forked will never end here. */
static bool claim(uint32_t pid, uint32_t *sequence)
{
    uint32_t before = atomic_load(&process_status.sequence);
    if (before & 1 && process_status.pid == pid)
        return false;
    *sequence = (before + 1) | 1;
    return atomic_compare_exchange_strong(&process_status.sequence, &before, *sequence);
}

void process_status_verdict(const char *host, enum verdict verdict, enum outcome outcome)
{
    const uint32_t pid = (uint32_t)system_pid();
    uint32_t sequence;
    if (claim(pid, &sequence)) {
        for (int i = 0; i < OUTCOMES && process_status.pid != pid; i++)
            atomic_store(&process_status.outcomes[i], 0);
        process_status.pid = pid;
        process_status.time = system_time();
        process_status.verdict = verdict;
        process_status.outcome = outcome;
        text_set(process_status.host, sizeof process_status.host, host);
        atomic_store(&process_status.sequence, sequence + 1);
    }
    atomic_fetch_add(&process_status.outcomes[outcome], 1);
}
