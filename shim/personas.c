#include "shim/personas.h"

#include "config/fnv.h"
#include "shim/system.h"

#include <stdlib.h>
#include <string.h>

enum { FEW_GROUPS = 64 };

/* Those of the process are asked for only where a persona depends on them. */
struct groups {
    const uint32_t *ids; /* NULL: not asked for yet; else somebody's, or one of these: */
    uint32_t few[FEW_GROUPS], *many;
    size_t count;
    bool hidden; /* there are others, whose numbers aren't known here */
};

static bool groups_read(struct groups *groups)
{
    groups->count = system_groups(groups->few, FEW_GROUPS);
    groups->ids = groups->few;
    if (groups->count > FEW_GROUPS) {
        groups->ids = groups->many = calloc(groups->count, sizeof *groups->many);
        return groups->many && system_groups(groups->many, groups->count) == groups->count;
    }
    return groups->count > 0;
}

/* Never 0. */
static uint64_t groups_digest(const struct groups *groups)
{
    return fnv_add(FNV_START, groups->ids, groups->count * sizeof *groups->ids) | 1;
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

/* One for a group that the process may be in. */
static void add_hidden(const struct image_persona *persona, uint32_t index, struct applied_personas *applied)
{
    if (persona->group_count == 0)
        return;
    applied->perhaps[index / 8] |= (uint8_t)(1U << index % 8);
    applied->validate |= (persona->flags & IMAGE_PERSONA_VALIDATE) != 0;
}

/* False: damaged, or out of memory. */
static bool look_at(const struct image *image, uint32_t index, struct groups *groups,
                    struct applied_personas *applied)
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
        if (!groups->ids) {
            if (!groups_read(groups))
                return false;
            applied->groups = groups_digest(groups);
            groups->hidden = system_hides_groups(groups->ids, groups->count);
        }
        if (!groups_hold(groups, value + sizeof persona, persona.group_count)) {
            if (groups->hidden)
                add_hidden(&persona, index, applied);
            return true;
        }
    }
    applied->bits[index / 8] |= (uint8_t)(1U << index % 8);
    applied->validate |= (persona.flags & IMAGE_PERSONA_VALIDATE) != 0;
    applied->inspection |= (persona.flags & IMAGE_PERSONA_INSPECTION) != 0;
    return true;
}

static bool apply(const struct image *image, struct groups *groups, struct applied_personas *applied)
{
    *applied = (struct applied_personas){0};
    bool whole = true;
    for (uint32_t i = 0; whole && i < image->header.persona_count; i++)
        whole = look_at(image, i, groups, applied);
    free(groups->many);
    return whole;
}

bool personas_apply(const struct image *image, struct applied_personas *applied)
{
    struct groups groups;
    groups.ids = groups.many = NULL;
    groups.hidden = false;
    return apply(image, &groups, applied);
}

bool personas_still_apply(const struct applied_personas *applied)
{
    struct groups groups;
    if (applied->groups == 0)
        return true;
    groups.many = NULL;
    const bool same = groups_read(&groups) && groups_digest(&groups) == applied->groups;
    free(groups.many);
    return same;
}

bool personas_apply_to(const struct image *image, const uint32_t *ids, size_t count,
                       struct applied_personas *applied)
{
    struct groups groups;
    groups.ids = ids, groups.count = count, groups.many = NULL;
    groups.hidden = false;
    return apply(image, &groups, applied);
}
