#include "shim/trial.h"

#include "shim/local_proxy.h"
#include "shim/system.h"

enum {
    PATH_PINS = 32,   /* of a chain or path that are looked at; the leaf is the first */
    PATH_ATTEMPTS = 8 /* paths that are built anew, where a server sends more than one can be built from */
};

static bool any_pinned(const struct rule *rule, const struct pin *pins, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rule_holds_pin(rule, &pins[i]))
            return true;
    return false;
}

static void remember(struct event_pins *list, const struct pin *pins, size_t count)
{
    list->count = count < EVENT_PINS ? count : EVENT_PINS;
    for (size_t i = 0; i < list->count; i++)
        list->pins[i] = pins[i];
}

static enum verdict verdict_so_far(const struct trial *trial)
{
    return verdict_judge(&trial->facts, &trial->evidence);
}

static enum verdict try_leaf(struct trial *trial)
{
    struct pin leaf;
    trial->evidence.certificate = trial->backend->served(trial->peer, &leaf, 1) == 1;
    trial->evidence.leaf_pinned = trial->evidence.certificate && rule_holds_pin(&trial->rule, &leaf);
    return verdict_so_far(trial);
}

static enum verdict try_program_path(struct trial *trial)
{
    struct pin path[PATH_PINS];
    bool proven = false;
    const size_t count = trial->backend->program_path(trial->peer, trial->host, path, PATH_PINS, &proven);
    const bool pinned = any_pinned(&trial->rule, path, count);
    trial->evidence.path_pinned = pinned && proven;
    trial->evidence.seen_pinned |= pinned;
    if (proven)
        remember(&trial->verified, path, count);
    return verdict_so_far(trial);
}

static enum verdict try_own_path(struct trial *trial, enum roots roots, size_t without)
{
    struct pin path[PATH_PINS];
    const size_t count =
        trial->backend->own_path(trial->peer, trial->host, roots, trial->policy, without, path, PATH_PINS);
    switch (roots) {
    case ROOTS_TRUSTED:
        trial->evidence.path_pinned = any_pinned(&trial->rule, path, count);
        break;
    case ROOTS_PROXY:
        trial->evidence.path_to_proxy_root = count > 0;
        break;
    case ROOTS_LOCAL:
        trial->evidence.path_to_local_root = count > 0;
        break;
    }
    if (count > 0)
        remember(&trial->verified, path, count);
    return verdict_so_far(trial);
}

/* Where several paths verify (a cross-signed authority), one that holds the pin is enough. */
static enum verdict try_own_paths(struct trial *trial)
{
    enum verdict verdict = try_own_path(trial, ROOTS_TRUSTED, 0);
    for (size_t without = 1; without < trial->served.count && without < PATH_ATTEMPTS; without++) {
        if (!verdict_is_violation(verdict))
            break;
        verdict = try_own_path(trial, ROOTS_TRUSTED, without);
    }
    return verdict;
}

/* What the server sent, for the event and to tell pin-unverified from pin-mismatch: a violation either way.
 */
static void look_at_served(struct trial *trial)
{
    struct pin chain[PATH_PINS];
    const size_t count = trial->backend->served(trial->peer, chain, PATH_PINS);
    remember(&trial->served, chain, count);
    trial->evidence.seen_pinned |= any_pinned(&trial->rule, chain, count);
}

/* The cheapest evidence first: a key, the program's own work, then work of our own. */
static enum verdict try_host(struct trial *trial)
{
    enum verdict verdict = try_leaf(trial);
    if (!verdict_is_violation(verdict) || verdict == VERDICT_NO_CERTIFICATE)
        return verdict;
    if (!verdict_is_violation(verdict = try_program_path(trial)))
        return verdict;
    look_at_served(trial);
    if (!verdict_is_violation(verdict = try_own_paths(trial)))
        return verdict;
    if (!trial->facts.inspectable)
        return verdict;
    if (trial->facts.inspection && !verdict_is_violation(verdict = try_own_path(trial, ROOTS_PROXY, 0)))
        return verdict;
    trial->facts.local_proxy = local_proxy_is_configured(&trial->policy->image);
    return trial->facts.local_proxy ? try_own_path(trial, ROOTS_LOCAL, 0) : verdict;
}

enum verdict trial_judge(struct trial *trial)
{
    const struct policy *policy = trial->policy;
    switch (rule_resolve(&policy->image, &policy->applied, trial->host, system_time(), &trial->rule)) {
    case RULE_NONE:
        return VERDICT_NOT_PINNED;
    case RULE_FOUND:
        break;
    case RULE_DAMAGED:
        return VERDICT_POLICY_UNREADABLE;
    }
    trial->covered = true;
    trial->facts = (struct verdict_rule){
        .pinned = trial->rule.pinned,
        .expired_open = trial->rule.expired_open,
        .inspectable = trial->rule.inspectable,
        .inspection = policy->applied.inspection,
    };
    const bool settled = !trial->facts.pinned || trial->facts.expired_open;
    return settled ? verdict_so_far(trial) : try_host(trial);
}
