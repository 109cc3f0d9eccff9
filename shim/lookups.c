#include "shim/lookups.h"

#include "shim/lock.h"

#include <string.h>

enum { BUCKETS = 128 };

struct lookup {
    struct address address;
    uint64_t age; /* how many were remembered before it; 0: empty */
    char name[NAME_SIZE];
};

/* The places of the addresses with the same hash; one address may fill them all. */
static struct lookup buckets[BUCKETS][LOOKUPS_NAMES];
static uint64_t remembered;

static struct lookup *bucket(const struct address *address)
{
    uint64_t halves[2];
    memcpy(halves, address->bytes, sizeof halves);
    const uint64_t mixed = (halves[0] ^ halves[1]) * 0x9e3779b97f4a7c15U;
    return buckets[mixed >> 57];
}

/* An address, in the spellings that inet_aton(3) takes, too ("127.1", "0x7f000001"): no top-level domain
 * starts with a digit. */
static bool is_address(const char *name)
{
    const char *label = name;
    for (const char *c = name; *c; c++)
        if (*c == '.')
            label = c + 1;
    return name_is_ip(name) || (*label >= '0' && *label <= '9');
}

/* Where it stands already, else an empty place, else the oldest. */
static struct lookup *place_for(const char *name, const struct address *address)
{
    struct lookup *lookup = bucket(address), *place = lookup;
    const size_t length = strlen(name) + 1;
    for (int i = 0; i < LOOKUPS_NAMES; i++, lookup++) {
        if (lookup->age && address_equal(&lookup->address, address) &&
            memcmp(lookup->name, name, length) == 0)
            return lookup;
        if (lookup->age < place->age)
            place = lookup;
    }
    return place;
}

void lookups_remember(const char *name, const struct address *address)
{
    char normal[NAME_SIZE];
    if (!name || !name_normalise(name, strlen(name), normal) || is_address(normal))
        return;
    lock_watch_forks();
    lock_take();
    struct lookup *place = place_for(normal, address);
    place->address = *address;
    place->age = ++remembered;
    memcpy(place->name, normal, strlen(normal) + 1);
    lock_give();
}

void lookups_add_names(const struct address *address, struct identity *identity)
{
    lock_take();
    const struct lookup *lookup = bucket(address);
    for (int i = 0; i < LOOKUPS_NAMES; i++, lookup++)
        if (lookup->age && address_equal(&lookup->address, address))
            identity_add(identity, lookup->name);
    lock_give();
}
