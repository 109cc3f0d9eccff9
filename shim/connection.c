#include "shim/connection.h"

#include "config/fnv.h"
#include "shim/judge.h"
#include "shim/leaf_name.h"
#include "shim/policy_load.h"
#include "shim/system.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* What a tag starts from: this process's secret, so that nobody can choose names whose tag is another's. A
 * child keeps its parent's, and its sessions with it. */
static uint64_t tag_start(void)
{
    static _Atomic uint64_t secret;
    uint64_t known = atomic_load(&secret);
    if (known == 0) {
        const uint64_t made = (FNV_START ^ system_random()) | 1;
        known = atomic_compare_exchange_strong(&secret, &known, made) ? made : known;
    }
    return known;
}

static bool names_keep(struct connection *connection, const struct identity *identity)
{
    size_t size = 1;
    for (size_t i = 0; i < identity->count; i++)
        size += strlen(identity->names[i]) + 1;
    char *end = connection->names.own;
    connection->names_allocated = size > sizeof connection->names.own;
    if (connection->names_allocated)
        end = connection->names.allocated = calloc(1, size);
    connection->names_kept = end != NULL;
    for (size_t i = 0; end && i < identity->count; i++) {
        const size_t length = strlen(identity->names[i]) + 1;
        memcpy(end, identity->names[i], length);
        end += length;
    }
    if (end)
        *end = '\0';
    return end != NULL;
}

static void names_forget(struct connection *connection)
{
    if (connection->names_allocated) {
        free(connection->names.allocated);
        connection->names.allocated = NULL;
    }
    connection->names_kept = connection->names_allocated = false;
}

const char *connection_names(const struct connection *connection)
{
    if (!connection->names_kept)
        return NULL;
    return connection->names_allocated ? connection->names.allocated : connection->names.own;
}

void connection_clear(struct connection *connection)
{
    names_forget(connection);
    *connection = (struct connection){0};
}

/* Of what a policy means to this thread. */
static uint64_t version_for_groups(const struct policy *policy)
{
    return policy->image.header.policy_version ^ policy->applied.groups;
}

/* What the names of a handshake's start mean under a policy. */
struct meaning {
    uintptr_t tag; /* of those that need proof; 0: none does */
    bool quiet;    /* there is nothing to judge or to tell at all */
};

static struct meaning look_up(const struct policy *policy, const struct identity *identity)
{
    struct rule rule;
    struct meaning meaning = {.quiet = true};
    uint64_t tag = tag_start();
    bool pinned = policy->refused || identity->overflow;
    const int64_t now = system_time();
    for (size_t i = 0; !policy->refused && i < identity->count; i++) {
        const char *name = identity->names[i];
        const enum rule_status status = rule_resolve(&policy->image, &policy->applied, name, now, &rule);
        if (status == RULE_NONE || (status == RULE_FOUND && !rule.pinned))
            continue;
        meaning.quiet = false;
        if (status == RULE_FOUND && rule.expired_open)
            continue;
        pinned = true;
        tag = fnv_add(tag, name, strlen(name) + 1);
    }
    if (!pinned)
        return meaning;
    const uint64_t version = version_for_groups(policy);
    tag =
        fnv_add(tag, &identity->overflow, sizeof identity->overflow); /* no session proves what isn't here */
    return (struct meaning){.tag = (uintptr_t)fnv_add(tag, &version, sizeof version) | 1};
}

/* Tells whether names and policy are still those of the start: then an answer needn't be looked up again. */
static uint64_t digest_of(const struct policy *policy, const struct identity *identity)
{
    const uint64_t version = version_for_groups(policy);
    uint64_t digest = fnv_add(FNV_START, &version, sizeof version);
    for (size_t i = 0; i < identity->count; i++)
        digest = fnv_add(digest, identity->names[i], strlen(identity->names[i]) + 1);
    return digest | 1; /* never the 0 of a handshake that wasn't quiet */
}

static void add_addresses(const struct policy *policy, struct identity *identity,
                          const struct backend *backend, void *peer)
{
    if (backend->addresses && !policy->image.header.no_addresses)
        backend->addresses(peer, identity);
}

/* Looks the names up, and keeps what the rest of the handshake needs of it. Where memory is out, the names of
 * a pinned handshake are missing, which connection_judge refuses. */
static void take_names(struct connection *connection, const struct policy *policy,
                       const struct identity *identity)
{
    const struct meaning meaning = look_up(policy, identity);
    names_forget(connection);
    connection->named = !identity->unnamed;
    connection->tag = meaning.tag;
    connection->pinned = meaning.tag != 0;
    connection->names_digest = meaning.quiet ? digest_of(policy, identity) : 0;
    if (connection->pinned)
        (void)names_keep(connection, identity);
}

enum arming connection_begin(struct connection *connection, struct identity *identity,
                             const struct backend *backend, void *peer)
{
    connection_clear(connection);
    const struct policy *policy = policy_acquire();
    if (!policy)
        return ARM_NONE;
    add_addresses(policy, identity, backend, peer);
    if (identity->unnamed)
        leaf_name_add(policy, identity, backend, peer);
    take_names(connection, policy, identity);
    const bool report = policy->report;
    policy_release(policy);
    if (!connection->pinned)
        return ARM_NONE;
    return report ? ARM_REPORT : ARM_TERMINATE;
}

void connection_begin_again(struct connection *connection)
{
    connection->judged = connection->allowed = false;
}

/* By one policy: with the names of the leaf that matter to it, and those of the start. */
static enum enforcement judge_by(const struct policy *policy, struct connection *connection,
                                 struct identity *identity, const struct backend *backend, void *peer,
                                 struct inquiry *inquiry)
{
    if (policy)
        add_addresses(policy, identity, backend, peer);
    if (policy && identity->unnamed && !connection->named) {
        leaf_name_add(policy, identity, backend, peer);
        take_names(connection, policy, identity); /* the leaf's, not those of a session that was dropped */
    }
    for (const char *name = connection_names(connection); name && *name; name += strlen(name) + 1)
        identity_add(identity, name);
    if (connection->pinned && !connection->names_kept)
        identity->overflow = true;
    const bool known = policy && !identity->overflow && connection->names_digest != 0 &&
                       connection->names_digest == digest_of(policy, identity);
    return known ? ENFORCE_ALLOW : judge_identity(policy, identity, backend, peer, inquiry);
}

/* By the policy in force and, where the agent was asked for a newer one, by what is in force then: the names
 * mean what they mean there, and so does the session's tag. */
static enum enforcement judge(struct connection *connection, struct identity *identity,
                              const struct backend *backend, void *peer)
{
    struct inquiry inquiry = {0};
    const size_t named = identity->count;
    const struct policy *policy = policy_acquire();
    enum enforcement outcome = judge_by(policy, connection, identity, backend, peer, &inquiry);
    if (inquiry.answer != AGENT_NOT_ASKED) {
        policy_release(policy);
        policy_look_for_replacement(true);
        policy = policy_acquire();
        judge_tell_of_inquiry(policy, &inquiry, backend, peer);
        identity->count = named;
        outcome = judge_by(policy, connection, identity, backend, peer, &inquiry);
        connection->tag = policy && !policy->refused ? look_up(policy, identity).tag : 0;
    }
    policy_release(policy);
    return outcome;
}

enum enforcement connection_judge(struct connection *connection, struct identity *identity,
                                  const struct backend *backend, void *peer)
{
    const bool refused_before = connection->judged && !connection->allowed;
    const enum enforcement outcome =
        refused_before ? ENFORCE_REFUSE : judge(connection, identity, backend, peer);
    connection->judged = true;
    connection->allowed = outcome != ENFORCE_REFUSE;
    return outcome;
}

bool connection_prove_by_session(struct connection *connection, struct identity *identity,
                                 const struct backend *backend, void *peer, uintptr_t tag)
{
    const struct policy *policy = policy_acquire();
    if (policy)
        add_addresses(policy, identity, backend, peer);
    if (policy && identity->unnamed)
        leaf_name_add(policy, identity, backend, peer);
    const bool proven = policy && tag != 0 && tag == connection->tag && tag == look_up(policy, identity).tag;
    policy_release(policy);
    if (proven)
        connection->judged = connection->allowed = true;
    return proven;
}
