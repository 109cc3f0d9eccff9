#include "config/domain_table.h"

#include <cdb.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BITS = 6 };

static size_t capacity(const struct domain_table *table)
{
    return table->slots ? (size_t)1 << table->bits : 0;
}

/* The slot of the name, or the free one where it belongs: there is one (get). */
static struct domain_slot *find(const struct domain_table *table, uint32_t hash, const char *name)
{
    const size_t mask = capacity(table) - 1;
    size_t i = (size_t)(hash * 0x9e3779b97f4a7c15U >> (64 - table->bits));
    while (table->slots[i].domain &&
           (table->slots[i].hash != hash || strcmp(table->slots[i].domain->name, name) != 0))
        i = (i + 1) & mask;
    return &table->slots[i];
}

/* The slots keep their order, by the high bits of what a hash is multiplied to: both tables are walked
 * through once. */
static bool grow(struct domain_table *table)
{
    const struct domain_table old = *table;
    const unsigned bits = old.slots ? old.bits + 1 : FIRST_BITS;
    struct domain_slot *slots = calloc((size_t)1 << bits, sizeof *slots);
    if (!slots)
        return false;
    table->slots = slots;
    table->bits = bits;
    for (size_t i = 0; i < capacity(&old); i++)
        if (old.slots[i].domain)
            *find(table, old.slots[i].hash, old.slots[i].domain->name) = old.slots[i];
    free(old.slots);
    return true;
}

static struct domain *append(struct domain_table *table, const char *name, size_t length)
{
    struct domain *domain = malloc(sizeof *domain + length + 1);
    if (!domain)
        return NULL;
    *domain = (struct domain){.last = &domain->entries};
    memcpy(domain->name, name, length + 1);
    *(table->last ? &table->last->next : &table->first) = domain;
    table->last = domain;
    table->count++;
    return domain;
}

struct domain *domain_table_get(struct domain_table *table, const char *name)
{
    const size_t length = strlen(name);
    const uint32_t hash = cdb_hash(name, (unsigned)length);
    if (2 * table->count >= capacity(table) && !grow(table))
        return NULL;
    struct domain_slot *slot = find(table, hash, name);
    if (!slot->domain)
        *slot = (struct domain_slot){hash, append(table, name, length)};
    return slot->domain;
}

void domain_table_free(struct domain_table *table)
{
    for (struct domain *domain = table->first, *next_domain; domain; domain = next_domain) {
        next_domain = domain->next;
        for (struct entry *entry = domain->entries, *next; entry; entry = next) {
            next = entry->next;
            free(entry);
        }
        free(domain);
    }
    free(table->slots);
    *table = (struct domain_table){0};
}
