#include "shim/connection.h"

#include "shim/judge.h"
#include "shim/system.h"

#include <stdlib.h>
#include <string.h>

/* FNV-1a over the names that are pinned and the policy they are pinned by. */
static uint64_t tag_add(uint64_t tag, const void *bytes, size_t length)
{
    for (const uint8_t *b = bytes; length--; b++)
        tag = (tag ^ *b) * 1099511628211U;
    return tag;
}

static bool names_keep(struct connection *connection, const struct identity *identity)
{
    size_t size = 1;
    for (size_t i = 0; i < identity->count; i++)
        size += strlen(identity->names[i]) + 1;
    char *end = connection->names = malloc(size);
    if (!end)
        return false;
    for (size_t i = 0; i < identity->count; i++)
        end = stpcpy(end, identity->names[i]) + 1;
    *end = '\0';
    return true;
}

void connection_clear(struct connection *connection)
{
    free(connection->names);
    *connection = (struct connection){0};
}

/* Looks every name up: the tag of those that need proof, 0 where none does. */
static uint64_t tag_of(const struct policy *policy, const struct identity *identity)
{
    struct rule rule;
    uint64_t tag = 14695981039346656037U;
    bool pinned = policy->refused || identity->overflow;
    const int64_t now = system_time();
    for (size_t i = 0; !policy->refused && i < identity->count; i++) {
        const char *name = identity->names[i];
        const enum rule_status status = rule_resolve(&policy->image, &policy->applied, name, now, &rule);
        if (status == RULE_NONE || (status == RULE_FOUND && (!rule.pinned || rule.expired_open)))
            continue;
        pinned = true;
        tag = tag_add(tag, name, strlen(name) + 1);
    }
    const uint64_t version = policy->image.header.policy_version;
    return pinned ? tag_add(tag, &version, sizeof version) | 1 : 0;
}

enum arming connection_begin(struct connection *connection, const struct identity *identity)
{
    connection_clear(connection);
    const struct policy *policy = policy_acquire();
    if (!policy)
        return ARM_NONE;
    connection->tag = tag_of(policy, identity);
    connection->pinned = connection->tag != 0;
    const bool report = !policy->refused && policy->image.header.action == ACTION_REPORT;
    policy_release(policy);
    if (!connection->pinned)
        return ARM_NONE;
    if (!names_keep(connection, identity))
        return ARM_TERMINATE; /* connection_judge refuses what it has no names for */
    return report ? ARM_REPORT : ARM_TERMINATE;
}

void connection_begin_again(struct connection *connection)
{
    connection->judged = connection->allowed = false;
}

enum enforcement connection_judge(struct connection *connection, struct identity *identity,
                                  const struct backend *backend, void *peer)
{
    enum enforcement outcome = ENFORCE_REFUSE;
    const bool refused_before = connection->judged && !connection->allowed;
    if (connection->pinned && !connection->names)
        identity->overflow = true;
    for (const char *name = connection->names; name && *name; name += strlen(name) + 1)
        identity_add(identity, name);
    if (!refused_before) {
        const struct policy *policy = policy_acquire();
        outcome = judge_identity(policy, identity, backend, peer);
        policy_release(policy);
    }
    connection->judged = true;
    connection->allowed = outcome != ENFORCE_REFUSE;
    return outcome;
}

bool connection_prove_by_session(struct connection *connection, const struct identity *identity, uint64_t tag)
{
    const struct policy *policy = policy_acquire();
    const bool proven = policy && tag != 0 && tag == connection->tag && tag == tag_of(policy, identity);
    policy_release(policy);
    if (proven)
        connection->judged = connection->allowed = true;
    return proven;
}
