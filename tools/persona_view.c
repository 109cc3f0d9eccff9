#include "tools/persona_view.h"

#include <string.h>

/* Are `count` strings in the bytes? Then *end is behind them. */
static bool holds_strings(const char *bytes, const char *limit, uint32_t count, const char **end)
{
    for (; count > 0; count--) {
        const char *nul = bytes < limit ? memchr(bytes, '\0', (size_t)(limit - bytes)) : NULL;
        if (!nul)
            return false;
        bytes = nul + 1;
    }
    *end = bytes;
    return true;
}

bool persona_view(const struct image *image, uint32_t index, struct persona_view *persona)
{
    const uint8_t *value;
    size_t length;
    if (image_find_persona(image, IMAGE_KEY_PERSONA, index, &value, &length) != IMAGE_FOUND ||
        length < sizeof persona->head)
        return false;
    memcpy(&persona->head, value, sizeof persona->head);
    const size_t ids = persona->head.group_count * sizeof(uint32_t);
    if (ids > length - sizeof persona->head)
        return false;
    const char *const limit = (const char *)value + length, *end;
    persona->group_ids = value + sizeof persona->head;
    persona->name = (const char *)persona->group_ids + ids;
    return holds_strings(persona->name, limit, 1, &persona->user_groups) &&
           holds_strings(persona->user_groups, limit, persona->head.group_count, &persona->device_groups) &&
           holds_strings(persona->device_groups, limit, persona->head.device_group_count, &end);
}

const char *persona_next_string(const char *string)
{
    return string + strlen(string) + 1;
}

const char *persona_user_group(const struct persona_view *persona, const uint32_t *ids, size_t count)
{
    const char *name = persona->user_groups;
    for (uint32_t i = 0; i < persona->head.group_count; i++, name = persona_next_string(name)) {
        uint32_t id;
        memcpy(&id, persona->group_ids + i * sizeof id, sizeof id);
        for (size_t k = 0; k < count; k++)
            if (ids[k] == id)
                return name;
    }
    return NULL;
}

const char *persona_device_group(const struct persona_view *persona, const struct image *image)
{
    const uint8_t *value;
    size_t length;
    if (image_find_kind(image, IMAGE_KEY_DEVICE, &value, &length) != IMAGE_FOUND || length == 0 ||
        value[length - 1] != '\0')
        return NULL;
    const char *const limit = (const char *)value + length;
    const char *name = persona->device_groups;
    for (uint32_t i = 0; i < persona->head.device_group_count; i++, name = persona_next_string(name))
        for (const char *group = persona_next_string((const char *)value); group < limit;
             group = persona_next_string(group))
            if (strcmp(group, name) == 0)
                return name;
    return NULL;
}
