#include "shim/policy.h"

#include "shim/personas.h"
#include "shim/policy_in_force.h"
#include "shim/policy_load.h"
#include "shim/process_status.h"
#include "shim/sleep.h"

#include <stdlib.h>

/* Two, so that a start that failed can be made good without memory. */
static struct policy second, first = {.next = &second};

static _Atomic(struct policy *) current;

/* Emptied before what it holds is given back: a fork of another thread in between leaves the child with a
 * leak, not with something to be given back twice. */
static void empty(struct policy *policy)
{
    const bool mapped = policy->mapped;
    struct policy *origin = policy->origin;
    policy->origin = NULL;
    policy->mapped = policy->refused = policy->report = policy->installed = false;
    policy->applied = (struct applied_personas){0};
    atomic_store(&policy->settled, 0);
    if (origin)
        atomic_fetch_sub(&origin->refs, 1);
    else if (mapped)
        image_close(&policy->image);
    policy->image = (struct image){0};
}

/* An object that nobody uses: the current one apart, one without references. Its image is closed here, late
 * and in one place. A handshake that still holds a stale pointer touches `refs` alone (policy_acquire), so
 * that an object can be reused, but never be freed. */
static struct policy *unused_policy(void)
{
    struct policy *last = &first;
    for (struct policy *p = &first; p; last = p, p = p->next) {
        if (p == atomic_load(&current) || atomic_load(&p->refs) != 0)
            continue;
        empty(p);
        return p;
    }
    return last->next = calloc(1, sizeof *last);
}

const struct policy *policy_in_force(void)
{
    return atomic_load(&current);
}

/* Finds the personas that apply, once: one thread does, and the others wait for those microseconds. Where it
 * can't, nothing can be allowed by the policy. */
static void settle(struct policy *policy)
{
    int expected = 0;
    if (atomic_compare_exchange_strong(&policy->settled, &expected, 1)) {
        if (policy->mapped && !personas_apply(&policy->image, &policy->applied)) {
            policy->refused = true;
            policy->report = false;
            if (policy == atomic_load(&current))
                process_status_policy(policy);
        }
        atomic_store(&policy->settled, 2);
    }
    while (atomic_load(&policy->settled) != 2)
        sleep_briefly();
}

static void make_current(struct policy *policy)
{
    atomic_store(&current, policy);
    process_status_policy(policy);
}

bool policy_put_in_force(struct image *image, bool installed, bool report, bool keep)
{
    struct policy *policy = unused_policy();
    if (!policy) {
        image_close(image);
        return false;
    }
    policy->image = *image;
    policy->mapped = true;
    policy->installed = installed;
    policy->report = report || image->header.action == ACTION_REPORT;
    if (keep)
        settle(policy);
    const bool whole = !policy->refused;
    if (whole)
        make_current(policy);
    return whole;
}

void policy_refuse(void)
{
    static struct policy without_memory;
    struct policy *policy = unused_policy();
    if (!policy)
        policy = &without_memory;
    policy->refused = true;
    make_current(policy);
}

/* A process may become somebody else's (setgroups(2)) after its first handshake. */
const struct policy *policy_settle_anew(const struct policy *policy)
{
    if (policy != atomic_load(&current))
        return NULL;
    struct policy *origin = policy->origin ? policy->origin : (struct policy *)policy;
    struct policy *anew = unused_policy();
    if (!anew) {
        policy_refuse();
        return NULL;
    }
    atomic_fetch_add(&origin->refs, 1);
    anew->origin = origin;
    anew->image = origin->image;
    anew->mapped = true;
    anew->installed = origin->installed;
    anew->report = origin->report;
    settle(anew);
    atomic_fetch_add(&anew->refs, 1);
    make_current(anew);
    return anew;
}

void policy_settle_after_fork(void)
{
    for (struct policy *p = &first; p; p = p->next) {
        int unfinished = 1;
        (void)atomic_compare_exchange_strong(&p->settled, &unfinished, 0);
    }
}

/* Counts a reader in; false where the policy was replaced meanwhile. */
static bool enter(struct policy *policy)
{
    atomic_fetch_add(&policy->refs, 1);
    /* Still in force, so not reused before the count was seen; else it may be: count back. */
    if (atomic_load(&current) == policy)
        return true;
    atomic_fetch_sub(&policy->refs, 1);
    return false;
}

/* As the caller's reference; NULL. */
static struct policy *enter_current(void)
{
    struct policy *policy;
    do
        policy = atomic_load(&current);
    while (policy && !enter(policy));
    return policy;
}

enum policy_condition policy_condition(void)
{
    const struct policy *policy = enter_current();
    enum policy_condition condition = POLICY_CONDITION_NONE;
    if (policy && policy_is_cut(policy))
        condition = POLICY_CONDITION_CUT;
    else if (policy)
        condition = policy->refused ? POLICY_CONDITION_REFUSED : POLICY_CONDITION_GOOD;
    policy_release(policy);
    return condition;
}

static bool settled_for_caller(struct policy *policy)
{
    if (atomic_load(&policy->settled) != 2)
        settle(policy);
    return policy->refused || personas_still_apply(&policy->applied);
}

const struct policy *policy_acquire(void)
{
    policy_start();
    policy_look_for_replacement(false);
    for (;;) {
        struct policy *policy = enter_current();
        if (!policy)
            return NULL;
        const bool cut = policy_is_cut(policy);
        if (!cut && settled_for_caller(policy))
            return policy;
        const struct policy *anew = cut ? NULL : policy_follow_groups(policy);
        policy_release(policy);
        if (anew)
            return anew;
        if (cut)
            policy_look_for_replacement(true);
    }
}

void policy_release(const struct policy *policy)
{
    if (policy)
        atomic_fetch_sub(&((struct policy *)policy)->refs, 1);
}
