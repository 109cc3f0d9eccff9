#include "tools/explanation_parts.h"

#include "tools/persona_view.h"

static json_t *strings(const char *string, uint32_t count)
{
    json_t *list = json_array();
    for (; count > 0; count--, string = persona_next_string(string))
        json_array_append_new(list, explanation_string(string));
    return list;
}

static json_t *why_persona(const struct explained *explained, const struct persona_view *persona)
{
    const char *device = persona_device_group(persona, &explained->policy->image);
    const char *user = persona_user_group(persona, explained->groups->ids, explained->groups->count);
    if (persona->head.group_count + persona->head.device_group_count == 0)
        return json_string(persona->head.flags & IMAGE_PERSONA_EVERYONE
                               ? "it names no groups: it applies to everyone"
                               : "its groups are empty: it applies to nobody");
    if (device)
        return json_sprintf("the device is in its group \"%s\"", device);
    if (user)
        return json_sprintf("%s is in its group \"%s\"", explained->groups->user, user);
    return json_sprintf("neither the device nor %s is in one of its groups", explained->groups->user);
}

json_t *explanation_personas(const struct explained *explained)
{
    const struct image *image = &explained->policy->image;
    json_t *list = json_array();
    for (uint32_t i = 0; i < image->header.persona_count; i++) {
        struct persona_view persona;
        if (!persona_view(image, i, &persona))
            continue;
        const uint32_t flags = persona.head.flags;
        json_array_append_new(
            list, json_pack("{s:o s:I s:o s:i s:b s:o s:o s:o s:b s:b}", "name",
                            explanation_string(persona.name), "version", (json_int_t)persona.head.version,
                            "file", explanation_string(explanation_source(image, persona.head.source)),
                            "line", (int)persona.head.line, "applies", explanation_applies(explained, i),
                            "why", why_persona(explained, &persona), "user_groups",
                            strings(persona.user_groups, persona.head.group_count), "device_groups",
                            strings(persona.device_groups, persona.head.device_group_count),
                            "validate_server_certificate", (flags & IMAGE_PERSONA_VALIDATE) != 0,
                            "ssl_inspection", (flags & IMAGE_PERSONA_INSPECTION) != 0));
    }
    return list;
}
