/* The members of an explanation, and what their makers share. All return new references, NULL where memory is
 * out, for jansson's functions that take one. */
#ifndef PINSHIM_TOOLS_EXPLANATION_PARTS_H
#define PINSHIM_TOOLS_EXPLANATION_PARTS_H

#include "config/rule.h"
#include "tools/explanation.h"

/* The personas considered, each with why it applies or doesn't. */
json_t *explanation_personas(const struct explained *explained) __attribute__((nonnull));

/* What a server must show; null where nothing has to be satisfied. `rule` NULL: none applies. */
json_t *explanation_satisfied_by(const struct explained *explained, const struct rule *rule)
    __attribute__((nonnull(1)));

/* A string of the policy, control characters as '?'; NULL: null. */
json_t *explanation_string(const char *bytes);

json_t *explanation_pins(const struct pin *pins, size_t count) __attribute__((nonnull));

/* Of a persona's index, or IMAGE_NO_PERSONA. */
bool explanation_applies(const struct explained *explained, uint32_t persona) __attribute__((nonnull));

/* The name of a policy's file number `index`; NULL where the image is damaged. */
const char *explanation_source(const struct image *image, unsigned index) __attribute__((nonnull));

#endif
