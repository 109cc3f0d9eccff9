#include "config/rule.h"

#include <string.h>

const char *service_name(enum service service)
{
    static const char *const names[SERVICE_COUNT] = {
        [SERVICE_ENROLLMENT] = "enrollment", [SERVICE_CLOUD] = "cloud",         [SERVICE_EMAIL] = "email",
        [SERVICE_GATEWAY] = "gateway",       [SERVICE_WORKPLACE] = "workplace", [SERVICE_CUSTOM] = "custom",
    };
    return (unsigned)service < SERVICE_COUNT ? names[service] : NULL;
}

bool service_pinned(enum switch_mode mode, enum service service, bool persona_applies, bool validate)
{
    switch (service) {
    case SERVICE_CLOUD:
        return mode == SWITCH_ALL_DEVICES || (mode == SWITCH_SPECIFIC_GROUPS && validate);
    case SERVICE_EMAIL:
    case SERVICE_GATEWAY:
    case SERVICE_WORKPLACE:
        return persona_applies; /* "irrespective of whether certificate pinning is turned on/off" */
    case SERVICE_ENROLLMENT:    /* "even if Certificate pinning is turned off" */
    case SERVICE_CUSTOM:
    case SERVICE_COUNT:
        break;
    }
    return true;
}

bool service_inspectable(enum service service, bool allowed)
{
    return allowed && service != SERVICE_ENROLLMENT;
}

/* Takes the next entry of a record, and its pins; false at the end, and where what is left is no entry (*at
 * then stays before the end). */
static bool next_entry(const uint8_t *entries, size_t length, size_t *at, struct image_entry *entry,
                       const uint8_t **pins)
{
    if (length - *at < sizeof *entry)
        return false;
    memcpy(entry, entries + *at, sizeof *entry);
    const size_t size = sizeof *entry + (size_t)entry->pin_count * PIN_SIZE;
    if (length - *at < size)
        return false;
    *pins = entries + *at + sizeof *entry;
    *at += size;
    return true;
}

static bool holds(const uint8_t bits[IMAGE_PERSONAS / 8], uint32_t persona)
{
    return bits[persona / 8] >> persona % 8 & 1;
}

static bool has_expired_open(const struct image_entry *entry, int64_t now)
{
    return now >= entry->expires && (entry->flags & IMAGE_ENTRY_OPEN_WHEN_EXPIRED);
}

/* Where it can't be told whether the persona does: what pins, not what opens. */
static bool applies(const struct image_entry *entry, const struct rule *rule)
{
    if (entry->persona == IMAGE_NO_PERSONA || holds(rule->applied->bits, entry->persona))
        return true;
    return holds(rule->applied->perhaps, entry->persona) && (entry->flags & IMAGE_ENTRY_PINNED) &&
           !has_expired_open(entry, rule->now);
}

static bool is_pinned(const struct image_entry *entry, const struct image *image,
                      const struct applied_personas *applied)
{
    return (entry->flags & IMAGE_ENTRY_PINNED) &&
           service_pinned((enum switch_mode)image->header.switch_mode, (enum service)entry->service, true,
                          applied->validate);
}

/* Of a service and a persona that there are. */
static bool is_sound(const struct image_entry *entry, const struct image *image)
{
    return entry->service < SERVICE_COUNT &&
           (entry->persona == IMAGE_NO_PERSONA || entry->persona < image->header.persona_count);
}

/* Merges the applied entries that cover the host into *rule. */
static enum rule_status merge(const struct image *image, const struct applied_personas *applied,
                              struct rule *rule)
{
    struct image_entry entry;
    const uint8_t *pins;
    size_t at = 0;
    bool found = false, live = false;
    rule->pinned = false;
    rule->inspectable = true;
    while (next_entry(rule->entries, rule->length, &at, &entry, &pins)) {
        if (!is_sound(&entry, image))
            return RULE_DAMAGED;
        if (!(entry.flags & rule->cover) || !applies(&entry, rule))
            continue;
        const bool pinned = is_pinned(&entry, image, applied);
        if (!found || (pinned && !rule->pinned))
            rule->service = (enum service)entry.service;
        found = true;
        if (!pinned)
            continue;
        rule->pinned = true;
        live |= !has_expired_open(&entry, rule->now);
        rule->inspectable &=
            service_inspectable((enum service)entry.service, (entry.flags & IMAGE_ENTRY_INSPECTION) != 0);
    }
    if (at != rule->length)
        return RULE_DAMAGED;
    rule->expired_open = rule->pinned && !live;
    return found ? RULE_FOUND : RULE_NONE;
}

/* The record of a name, with or without "*."; RULE_FOUND: *entries is it. */
static enum rule_status find_record(const struct image *image, const char *name, const uint8_t **entries,
                                    size_t *length)
{
    char key[1 + NAME_SIZE] = {IMAGE_KEY_DOMAIN};
    const size_t name_length = strlen(name);
    if (name_length > NAME_MAX_LENGTH) /* not normalised */
        return RULE_DAMAGED;
    memcpy(key + 1, name, name_length);
    switch (image_find(image, key, 1 + name_length, entries, length)) {
    case IMAGE_ABSENT:
        return RULE_NONE;
    case IMAGE_FOUND:
        return RULE_FOUND;
    case IMAGE_FIND_DAMAGED:
        break;
    }
    return RULE_DAMAGED;
}

/* What the entries of `name`'s record say to a host that they cover by one of `covers`, the better first. */
static enum rule_status look_at(const struct image *image, const struct applied_personas *applied,
                                const char *name, const uint8_t covers[2], struct rule *rule)
{
    enum rule_status status = find_record(image, name, &rule->entries, &rule->length);
    if (status != RULE_FOUND)
        return status;
    status = RULE_NONE;
    for (int i = 0; i < 2 && covers[i] && status == RULE_NONE; i++) {
        rule->cover = covers[i];
        status = merge(image, applied, rule);
    }
    return status;
}

static void spell(struct rule *rule, const char *name)
{
    char *end = rule->name;
    if (rule->cover == IMAGE_ENTRY_WILDCARD)
        *end++ = '*', *end++ = '.';
    memcpy(end, name, strlen(name) + 1); /* NAME_MAX_LENGTH at most, as look_at saw */
}

/* The next name above that may cover this one; NULL. No entry covers a whole top-level domain: the compiler
 * refuses. */
static const char *coverer(const char *name)
{
    const char *above = name_parent(name);
    return above && name_parent(above) ? above : NULL;
}

/* How the record of the host's own name covers it; of the name above; of those further up. */
static const uint8_t self[2] = {IMAGE_ENTRY_EXACT},
                     parent[2] = {IMAGE_ENTRY_WILDCARD, IMAGE_ENTRY_SUBDOMAINS},
                     ancestor[2] = {IMAGE_ENTRY_SUBDOMAINS};

enum rule_status rule_resolve(const struct image *image, const struct applied_personas *applied,
                              const char *name, int64_t now, struct rule *rule)
{
    rule->applied = applied;
    rule->now = now;
    const uint8_t *covers = self;
    enum rule_status status = RULE_NONE;
    for (const char *at = name; at && status == RULE_NONE; at = coverer(at)) {
        status = look_at(image, applied, at, covers, rule);
        if (status == RULE_FOUND)
            spell(rule, at);
        covers = covers == self ? parent : ancestor;
    }
    return status;
}

/* Those of one record that cover by `cover`. */
static bool visit_record(const struct image *image, struct rule_entry *entry, const uint8_t *record,
                         size_t length, void (*visit)(const struct rule_entry *entry, void *argument),
                         void *argument)
{
    const uint8_t *pins;
    size_t at = 0;
    while (next_entry(record, length, &at, &entry->head, &pins)) {
        entry->pins = (const struct pin *)pins;
        if (!is_sound(&entry->head, image))
            return false;
        if (entry->head.flags & entry->cover)
            visit(entry, argument);
    }
    return at == length;
}

bool rule_each_entry(const struct image *image, const char *name,
                     void (*visit)(const struct rule_entry *entry, void *argument), void *argument)
{
    const uint8_t *covers = self;
    for (const char *at = name; at; at = coverer(at)) {
        const uint8_t *record;
        size_t length;
        const enum rule_status status = find_record(image, at, &record, &length);
        if (status == RULE_DAMAGED)
            return false;
        for (int i = 0; i < 2 && covers[i] && status == RULE_FOUND; i++) {
            struct rule_entry entry = {.name = at, .cover = covers[i]};
            if (!visit_record(image, &entry, record, length, visit, argument))
                return false;
        }
        covers = covers == self ? parent : ancestor;
    }
    return true;
}

/* Calls `visit` with each pin of the applied, pinning entries; false stops it. */
static void each_pin(const struct rule *rule, bool (*visit)(const struct pin *pin, void *argument),
                     void *argument)
{
    struct image_entry entry;
    const uint8_t *pins;
    size_t at = 0;
    while (next_entry(rule->entries, rule->length, &at, &entry, &pins)) {
        if (!(entry.flags & rule->cover) || !(entry.flags & IMAGE_ENTRY_PINNED) || !applies(&entry, rule) ||
            has_expired_open(&entry, rule->now))
            continue;
        for (size_t i = 0; i < entry.pin_count; i++)
            if (!visit((const struct pin *)(pins + i * PIN_SIZE), argument))
                return;
    }
}

struct search {
    const struct pin *pin;
    bool found;
};

static bool compare(const struct pin *pin, void *argument)
{
    struct search *search = argument;
    search->found = pin_equal(pin, search->pin);
    return !search->found;
}

bool rule_holds_pin(const struct rule *rule, const struct pin *pin)
{
    struct search search = {.pin = pin};
    each_pin(rule, compare, &search);
    return search.found;
}

struct collection {
    struct pin *pins;
    size_t capacity, count;
};

static bool collect(const struct pin *pin, void *argument)
{
    struct collection *collection = argument;
    if (collection->count < collection->capacity)
        collection->pins[collection->count] = *pin;
    collection->count++;
    return true;
}

size_t rule_pins(const struct rule *rule, struct pin *pins, size_t capacity)
{
    struct collection collection = {.pins = pins, .capacity = capacity};
    each_pin(rule, collect, &collection);
    return collection.count < capacity ? collection.count : capacity;
}
