#include "shim/personas.h"

#include "shim/system.h"

#include <stdlib.h>
#include <string.h>

/* The process's groups. */
struct groups {
    uint32_t *ids; /* owned */
    size_t count;
};

static bool groups_read(struct groups *groups)
{
    groups->count = system_groups(NULL, 0);
    groups->ids = calloc(groups->count + 1, sizeof *groups->ids);
    return groups->ids && groups->count > 0 && system_groups(groups->ids, groups->count) == groups->count;
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

bool personas_apply(const struct image *image, struct applied_personas *applied)
{
    *applied = (struct applied_personas){0};
    const uint32_t count = image->header.persona_count;
    if (count == 0)
        return true;
    struct groups groups = {0};
    uint8_t *bits = calloc(count / 8 + 1, 1);
    bool whole = bits != NULL;
    for (uint32_t i = 0; whole && i < count; i++) {
        const uint8_t *value;
        size_t length;
        struct image_persona persona;
        if (image_find_persona(image, IMAGE_KEY_PERSONA, i, &value, &length) != IMAGE_FOUND ||
            length < sizeof persona) {
            whole = false;
            break;
        }
        memcpy(&persona, value, sizeof persona);
        if (persona.group_count > (length - sizeof persona) / sizeof(uint32_t)) {
            whole = false;
            break;
        }
        if (!(persona.flags & IMAGE_PERSONA_EVERYONE)) {
            if (!groups.ids && !groups_read(&groups)) {
                whole = false;
                break;
            }
            if (!groups_hold(&groups, value + sizeof persona, persona.group_count))
                continue;
        }
        bits[i / 8] |= (uint8_t)(1U << i % 8);
        applied->validate |= (persona.flags & IMAGE_PERSONA_VALIDATE) != 0;
        applied->inspection |= (persona.flags & IMAGE_PERSONA_INSPECTION) != 0;
    }
    free(groups.ids);
    if (whole)
        applied->bits = bits;
    else
        free(bits);
    return whole;
}
