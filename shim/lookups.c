#include "shim/lookups.h"

#include "shim/lock.h"

#include <string.h>

enum { LOOKUPS = 512, WORDS = 64 /* of 64 bits */, MARKS = 3 };

/* A name, and the addresses that it was given in a Bloom filter: one answer may hold some thousands, and none
 * of them may be lost. Rarely it has one that was never given. */
struct lookup {
    uint64_t age; /* how many were remembered before it; 0: empty, and so are all behind it */
    uint64_t addresses[WORDS];
    char name[NAME_SIZE];
};

static struct lookup lookups[LOOKUPS];
static size_t latest;
static uint64_t remembered;

/* The bits of an address in a filter. */
struct marks {
    unsigned bits[MARKS];
};

static struct marks marks_of(const struct address *address)
{
    uint64_t halves[2];
    memcpy(halves, address->bytes, sizeof halves);
    uint64_t mixed = (halves[0] ^ halves[1]) * 0x9e3779b97f4a7c15U;
    mixed = (mixed ^ mixed >> 32) * 0x9e3779b97f4a7c15U;
    struct marks marks;
    for (int i = 0; i < MARKS; i++, mixed <<= 12)
        marks.bits[i] = (unsigned)(mixed >> 52);
    return marks;
}

_Static_assert(WORDS * 64 == 1 << 12, "a mark is of 12 bits");

static void mark(struct lookup *lookup, struct marks marks)
{
    for (int i = 0; i < MARKS; i++)
        lookup->addresses[marks.bits[i] / 64] |= (uint64_t)1 << marks.bits[i] % 64;
}

static bool has_marks(const struct lookup *lookup, struct marks marks)
{
    for (int i = 0; i < MARKS; i++)
        if (!(lookup->addresses[marks.bits[i] / 64] >> marks.bits[i] % 64 & 1))
            return false;
    return true;
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

/* Where it stands already, else an empty place, else the oldest's. */
static struct lookup *place_for(const char *name)
{
    const size_t size = strlen(name) + 1;
    struct lookup *place = lookups;
    if (memcmp(lookups[latest].name, name, size) == 0) /* an answer's other addresses */
        return &lookups[latest];
    for (struct lookup *lookup = lookups; lookup < lookups + LOOKUPS && place->age; lookup++) {
        if (lookup->age && memcmp(lookup->name, name, size) == 0)
            return lookup;
        if (lookup->age < place->age)
            place = lookup;
    }
    *place = (struct lookup){0};
    memcpy(place->name, name, size);
    return place;
}

void lookups_remember(const char *name, const struct address *address)
{
    char normal[NAME_SIZE];
    if (!name || !name_normalise(name, strlen(name), normal) || is_address(normal))
        return;
    lock_watch_forks();
    lock_take();
    struct lookup *place = place_for(normal);
    place->age = ++remembered;
    mark(place, marks_of(address));
    latest = (size_t)(place - lookups);
    lock_give();
}

bool lookups_next(const struct address *address, size_t *place, char name[NAME_SIZE])
{
    const struct marks marks = marks_of(address);
    bool found = false;
    lock_take();
    for (; !found && *place < LOOKUPS && lookups[*place].age; ++*place)
        if (has_marks(&lookups[*place], marks)) {
            memcpy(name, lookups[*place].name, NAME_SIZE);
            found = true;
        }
    lock_give();
    return found;
}
