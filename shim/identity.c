#include "shim/identity.h"

#include "shim/lookups.h"
#include "shim/policy.h"
#include "shim/system.h"

#include <string.h>

void identity_clear(struct identity *identity)
{
    identity->count = 0; /* the names stay: 2 KB needn't be zeroed for each handshake */
    identity->overflow = identity->unnamed = false;
}

static bool has(const struct identity *identity, const char *name, size_t size)
{
    for (size_t i = 0; i < identity->count; i++)
        if (size <= NAME_SIZE && memcmp(identity->names[i], name, size) == 0)
            return true;
    return false;
}

void identity_add(struct identity *identity, const char *name)
{
    char normal[NAME_SIZE];
    if (!name || has(identity, name, strlen(name) + 1)) /* as the host mostly is that was sent as SNI */
        return;
    if (!name_normalise(name, strlen(name), normal))
        return;
    const size_t size = strlen(normal) + 1;
    if (has(identity, normal, size))
        return;
    if (identity->count == IDENTITY_NAMES) {
        identity->overflow = true;
        return;
    }
    memcpy(identity->names[identity->count++], normal, size);
}

static bool find_peer(int fd, struct address *address, unsigned *port)
{
    return fd >= 0 ? system_peer(fd, address, port) : system_only_peer(address, port);
}

unsigned identity_peer_port(int fd)
{
    struct address address;
    unsigned port;
    return find_peer(fd, &address, &port) ? port : 0;
}

static bool is_pinned(const struct policy *policy, const char *name)
{
    struct rule rule;
    const enum rule_status status =
        rule_resolve(&policy->image, &policy->applied, name, system_time(), &rule);
    return status != RULE_NONE && (status != RULE_FOUND || rule.pinned);
}

/* One that is pinned, in the place of one that isn't: whoever answers look-ups may lead any number of names
 * to his address. Where all are, no stranger satisfies them. */
static void prefer_pinned(struct identity *identity, const char *name, const struct policy *policy)
{
    if (policy->refused || !is_pinned(policy, name))
        return;
    for (size_t i = 0; i < identity->count; i++)
        if (!is_pinned(policy, identity->names[i])) {
            memcpy(identity->names[i], name, strlen(name) + 1);
            return;
        }
}

/* The names of the address and, beyond what an identity holds, those that are pinned. */
static void add_looked_up(struct identity *identity, const struct address *address)
{
    char name[NAME_SIZE];
    size_t place = 0;
    while (identity->count < IDENTITY_NAMES && lookups_next(address, &place, name))
        identity_add(identity, name);
    const struct policy *policy = identity->count == IDENTITY_NAMES ? policy_acquire() : NULL;
    while (policy && lookups_next(address, &place, name))
        prefer_pinned(identity, name, policy);
    policy_release(policy);
}

void identity_add_peer(struct identity *identity, int fd)
{
    struct address address;
    unsigned port;
    char name[NAME_SIZE];
    const bool known = find_peer(fd, &address, &port);
    if (known)
        add_looked_up(identity, &address);
    identity->unnamed = identity->count == 0;
    if (known && identity->unnamed) {
        address_format(&address, name);
        identity_add(identity, name);
    }
}
