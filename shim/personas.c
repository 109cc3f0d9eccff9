#include "shim/personas.h"

#include "shim/system.h"

#include <stdlib.h>
#include <string.h>

/* Those of the process are asked for only where a persona depends on them. */
struct groups {
    const uint32_t *ids;
    uint32_t *owned; /* NULL, or `ids` */
    size_t count;
};

static bool groups_read(struct groups *groups)
{
    groups->count = system_groups(NULL, 0);
    groups->ids = groups->owned = calloc(groups->count + 1, sizeof *groups->owned);
    return groups->owned && groups->count > 0 && system_groups(groups->owned, groups->count) == groups->count;
}

static bool groups_hold(const struct groups *groups, const uint8_t *ids, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id;
        memcpy(&id, ids + i * sizeof id, sizeof id);
        for (size_t g = 0; g < groups->count; g++)
            if (groups->ids[g] == id)
                return true;
    }
    return false;
}

/* False: damaged, or out of memory. */
static bool look_at(const struct image *image, uint32_t index, struct groups *groups,
                    struct applied_personas *applied, uint8_t *bits)
{
    const uint8_t *value;
    size_t length;
    struct image_persona persona;
    if (image_find_persona(image, IMAGE_KEY_PERSONA, index, &value, &length) != IMAGE_FOUND ||
        length < sizeof persona)
        return false;
    memcpy(&persona, value, sizeof persona);
    if (persona.group_count > (length - sizeof persona) / sizeof(uint32_t))
        return false;
    if (!(persona.flags & IMAGE_PERSONA_EVERYONE)) {
        if (!groups->ids && !groups_read(groups))
            return false;
        if (!groups_hold(groups, value + sizeof persona, persona.group_count))
            return true;
    }
    bits[index / 8] |= (uint8_t)(1U << index % 8);
    applied->validate |= (persona.flags & IMAGE_PERSONA_VALIDATE) != 0;
    applied->inspection |= (persona.flags & IMAGE_PERSONA_INSPECTION) != 0;
    return true;
}

static bool apply(const struct image *image, struct groups *groups, struct applied_personas *applied)
{
    *applied = (struct applied_personas){0};
    const uint32_t count = image->header.persona_count;
    if (count == 0)
        return true;
    uint8_t *bits = calloc(count / 8 + 1, 1);
    bool whole = bits != NULL;
    for (uint32_t i = 0; whole && i < count; i++)
        whole = look_at(image, i, groups, applied, bits);
    free(groups->owned);
    if (whole)
        applied->bits = bits;
    else
        free(bits);
    return whole;
}

bool personas_apply(const struct image *image, struct applied_personas *applied)
{
    struct groups groups = {0};
    return apply(image, &groups, applied);
}

bool personas_apply_to(const struct image *image, const uint32_t *ids, size_t count,
                       struct applied_personas *applied)
{
    struct groups groups = {.ids = ids, .count = count};
    return apply(image, &groups, applied);
}
