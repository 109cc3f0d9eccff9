/* The domains of a policy by their names, and in the order of the files. A slot tells by itself that a name
 * is another: among a million, a new one costs one miss of the cache.
 */
#ifndef PINSHIM_CONFIG_DOMAIN_TABLE_H
#define PINSHIM_CONFIG_DOMAIN_TABLE_H

#include "config/image_format.h"
#include "config/pin.h"

/* One entry of a `domains` list. */
struct entry {
    struct entry *next;      /* of the same domain, in the order of the files */
    struct image_entry head; /* pin_count included */
    struct pin pins[];
};

/* All entries of one name, the name without its "*.". */
struct domain {
    struct domain *next;           /* owned */
    struct entry *entries, **last; /* owned */
    char name[];
};

/* Zero-initialised is empty. */
struct domain_table {
    struct domain *first, *last; /* owned */
    struct domain_slot {
        uint32_t hash;
        struct domain *domain; /* NULL: free */
    } * slots;                 /* owned; 2^bits */
    size_t count;
    unsigned bits;
};

/* The domain of this name, which is made where there is none; NULL: no memory. */
struct domain *domain_table_get(struct domain_table *table, const char *name)
    __attribute__((nonnull, warn_unused_result));

void domain_table_free(struct domain_table *table) __attribute__((nonnull));

#endif
