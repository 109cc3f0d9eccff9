/* What the parts of an explanation share. */
#include "tools/explanation_parts.h"

#include "config/pin.h"
#include "tools/json_output.h"
#include "tools/persona_view.h"

#include <stdlib.h>
#include <string.h>

json_t *explanation_string(const char *bytes)
{
    char *shown = bytes ? strdup(bytes) : NULL;
    for (char *c = shown; c && *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = '?';
    json_t *string = json_output_string(shown);
    free(shown);
    return string;
}

const char *explanation_source(const struct image *image, unsigned index)
{
    const uint8_t *value;
    size_t length;
    if (image_find_kind(image, IMAGE_KEY_SOURCES, &value, &length) != IMAGE_FOUND || length == 0 ||
        value[length - 1] != '\0')
        return NULL;
    const char *name = (const char *)value, *const limit = name + length;
    while (index-- > 0 && name < limit)
        name = persona_next_string(name);
    return name < limit ? name : NULL;
}

bool explanation_applies(const struct explained *explained, uint32_t persona)
{
    const uint8_t *bits = explained->policy->applied.bits;
    return persona == IMAGE_NO_PERSONA || (bits[persona / 8] >> persona % 8 & 1);
}

json_t *explanation_pins(const struct pin *pin, size_t count)
{
    json_t *list = json_array();
    for (; count > 0; count--, pin++) {
        char text[PIN_TEXT_SIZE];
        pin_format(pin, text);
        json_array_append_new(list, json_string(text));
    }
    return list;
}
