/* A persona of an image, for showing. */
#ifndef PINSHIM_TOOLS_PERSONA_VIEW_H
#define PINSHIM_TOOLS_PERSONA_VIEW_H

#include "config/image.h"

#include <stdbool.h>

/* Views the image. */
struct persona_view {
    struct image_persona head;
    const uint8_t *group_ids; /* head.group_count uint32_t, unaligned */
    const char *name;
    const char *user_groups;   /* head.group_count strings, each with its NUL */
    const char *device_groups; /* head.device_group_count of them */
};

/* False: there is none of this index, or it is damaged. */
bool persona_view(const struct image *image, uint32_t index, struct persona_view *persona)
    __attribute__((nonnull, warn_unused_result));

/* Behind a string of a list, the next one. */
const char *persona_next_string(const char *string) __attribute__((nonnull, returns_nonnull));

/* The first of the persona's user groups that is among these ids; the first of its device groups that the
 * image's device is in. NULL: none. */
const char *persona_user_group(const struct persona_view *persona, const uint32_t *ids, size_t count)
    __attribute__((nonnull(1)));
const char *persona_device_group(const struct persona_view *persona, const struct image *image)
    __attribute__((nonnull));

#endif
