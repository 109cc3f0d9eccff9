#include "shim/leaf_name.h"

#include "shim/address.h"
#include "shim/system.h"

#include <string.h>

struct search {
    const struct policy *policy;
    struct identity *identity;
    char rules[IDENTITY_NAMES][sizeof((struct rule *)0)->name]; /* of the identity's names */
    int64_t now;
};

/* A name, or "*." and a name. */
static bool normalise(const char *text, size_t length, char name[NAME_SIZE])
{
    if (length < 2 || text[0] != '*' || text[1] != '.')
        return name_normalise(text, length, name);
    char parent[NAME_SIZE];
    if (!name_normalise(text + 2, length - 2, parent) || strlen(parent) + 2 >= NAME_SIZE)
        return false;
    memcpy(name, "*.", 2);
    memcpy(name + 2, parent, strlen(parent) + 1);
    return true;
}

static bool is_known(const struct search *search, const struct rule *rule)
{
    const size_t size = strlen(rule->name) + 1;
    for (size_t i = 0; i < search->identity->count; i++)
        if (memcmp(search->rules[i], rule->name, size) == 0)
            return true;
    return false;
}

/* A certificate may name hundreds of hosts of one entry: one stands for them. */
static bool add(const char *text, size_t length, void *argument)
{
    struct search *search = argument;
    struct identity *identity = search->identity;
    const struct policy *policy = search->policy;
    struct rule rule;
    char name[NAME_SIZE];
    if (!normalise(text, length, name))
        return true;
    if (rule_resolve(&policy->image, &policy->applied, name, search->now, &rule) != RULE_FOUND ||
        !rule.pinned || is_known(search, &rule))
        return true;
    if (identity->count == IDENTITY_NAMES)
        return false; /* who satisfies that many entries is no stranger */
    memcpy(search->rules[identity->count], rule.name, strlen(rule.name) + 1);
    memcpy(identity->names[identity->count++], name, strlen(name) + 1);
    return true;
}

bool leaf_name_visit_address(const void *octets, size_t length, name_visitor *visit, void *argument)
{
    struct address address;
    char text[NAME_SIZE];
    if (!address_from_octets(&address, octets, length))
        return true;
    address_format(&address, text);
    return visit(text, strlen(text), argument);
}

void leaf_name_add(const struct policy *policy, struct identity *identity, const struct backend *backend,
                   void *peer)
{
    struct search search = {.policy = policy, .identity = identity, .now = system_time()};
    struct rule rule;
    if (policy->refused)
        return;
    for (size_t i = 0; i < identity->count; i++)
        if (rule_resolve(&policy->image, &policy->applied, identity->names[i], search.now, &rule) !=
            RULE_NONE)
            return;
    backend->leaf_names(peer, add, &search);
}
