#include "shim/anchors.h"

#include <string.h>

/* A record of the image: of each certificate a uint32_t length and its DER. */
static bool visit_list(const uint8_t *list, size_t length, anchor_visitor *visit, void *argument)
{
    while (length > 0) {
        uint32_t size;
        if (length < sizeof size)
            return false;
        memcpy(&size, list, sizeof size);
        list += sizeof size, length -= sizeof size;
        if (size > length || !visit(list, size, argument))
            return false;
        list += size, length -= size;
    }
    return true;
}

static bool visit_found(enum image_found found, const uint8_t *list, size_t length, anchor_visitor *visit,
                        void *argument)
{
    return found == IMAGE_ABSENT || (found == IMAGE_FOUND && visit_list(list, length, visit, argument));
}

static bool visit_kind(const struct image *image, enum image_key key, anchor_visitor *visit, void *argument)
{
    const uint8_t *list = NULL;
    size_t length = 0;
    const enum image_found found = image_find_kind(image, key, &list, &length);
    return visit_found(found, list, length, visit, argument);
}

static bool visit_personas(const struct policy *policy, anchor_visitor *visit, void *argument)
{
    const uint8_t *bits = policy->applied.bits;
    for (uint32_t i = 0; i < policy->image.header.persona_count; i++) {
        const uint8_t *list = NULL;
        size_t length = 0;
        if (!(bits[i / 8] >> i % 8 & 1))
            continue;
        const enum image_found found =
            image_find_persona(&policy->image, IMAGE_KEY_PROXY_ROOTS, i, &list, &length);
        if (!visit_found(found, list, length, visit, argument))
            return false;
    }
    return true;
}

bool anchors_visit(const struct policy *policy, enum roots roots, anchor_visitor *visit, void *argument)
{
    switch (roots) {
    case ROOTS_TRUSTED:
        return visit_kind(&policy->image, IMAGE_KEY_TRUST_ROOTS, visit, argument);
    case ROOTS_PROXY:
        return visit_personas(policy, visit, argument);
    case ROOTS_LOCAL:
        return visit_kind(&policy->image, IMAGE_KEY_LOCAL_ROOTS, visit, argument);
    }
    return false;
}
