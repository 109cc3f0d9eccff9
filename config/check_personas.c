#include "config/check_personas.h"

#include <string.h>

static enum severity severity(const struct policy_text *policy)
{
    return policy->use == POLICY_TO_OBEY ? SEVERITY_WARNING : SEVERITY_ERROR;
}

static void check_names(const struct policy_text *policy, struct diagnostics *diagnostics)
{
    for (size_t i = 1; i < policy->persona_count; i++)
        for (size_t j = 0; j < i; j++) {
            const struct persona *persona = &policy->personas[i], *first = &policy->personas[j];
            if (!persona->name[0] || strcmp(persona->name, first->name) != 0)
                continue;
            diagnostics_add(diagnostics, severity(policy), policy->sources[persona->head.source],
                            persona->head.line,
                            "persona \"%s\" (version %u) stands twice: version %u is in %s", persona->name,
                            persona->head.version, first->head.version, policy->sources[first->head.source]);
            break;
        }
}

/* May both apply to one process? Of groups, only those are known to meet that are the same. */
static bool meet(const struct persona *a, const struct persona *b)
{
    if (a->head.flags & b->head.flags & IMAGE_PERSONA_EVERYONE)
        return true;
    for (uint32_t i = 0; i < a->head.group_count; i++)
        for (uint32_t j = 0; j < b->head.group_count; j++)
            if (a->groups[i] == b->groups[j])
                return true;
    return false;
}

static bool contradict(const struct policy_text *policy, const struct image_entry *a,
                       const struct image_entry *b)
{
    return a->persona != IMAGE_NO_PERSONA && b->persona != IMAGE_NO_PERSONA && a->persona != b->persona &&
           (a->flags & IMAGE_ENTRY_WILDCARD) == (b->flags & IMAGE_ENTRY_WILDCARD) &&
           (a->flags & IMAGE_ENTRY_PINNED) != (b->flags & IMAGE_ENTRY_PINNED) &&
           meet(&policy->personas[a->persona], &policy->personas[b->persona]);
}

/* An entry against those before it. */
static void check_entry(const struct policy_text *policy, const struct domain *domain,
                        const struct entry *entry, struct diagnostics *diagnostics)
{
    for (const struct entry *before = domain->entries; before != entry; before = before->next) {
        if (!contradict(policy, &before->head, &entry->head))
            continue;
        const bool pins = (entry->head.flags & IMAGE_ENTRY_PINNED) != 0;
        diagnostics_add(diagnostics, severity(policy), policy->sources[entry->head.source], entry->head.line,
                        "persona \"%s\" %s \"%s%s\", which persona \"%s\" %s (%s:%u)",
                        policy->personas[entry->head.persona].name, pins ? "pins" : "exempts",
                        entry->head.flags & IMAGE_ENTRY_WILDCARD ? "*." : "", domain->name,
                        policy->personas[before->head.persona].name, pins ? "exempts" : "pins",
                        policy->sources[before->head.source], before->head.line);
        return;
    }
}

void check_personas(const struct policy_text *policy, struct diagnostics *diagnostics)
{
    check_names(policy, diagnostics);
    for (const struct domain *domain = policy->domains.first; domain; domain = domain->next)
        for (const struct entry *entry = domain->entries ? domain->entries->next : NULL; entry;
             entry = entry->next)
            check_entry(policy, domain, entry, diagnostics);
}
