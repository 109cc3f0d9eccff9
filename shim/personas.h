/* Which personas of a policy apply to this process. */
#ifndef PINSHIM_SHIM_PERSONAS_H
#define PINSHIM_SHIM_PERSONAS_H

#include "config/image.h"
#include "config/rule.h"

#include <stdbool.h>

/* Fills *applied for the process's Unix groups. False: the image is damaged or, of a process in very many
 * groups, memory is out, and nothing may be allowed by it. */
bool personas_apply(const struct image *image, struct applied_personas *applied)
    __attribute__((nonnull, warn_unused_result));

/* False where the calling thread is in other groups than those that it was told by. */
bool personas_still_apply(const struct applied_personas *applied)
    __attribute__((nonnull, warn_unused_result));

/* As personas_apply, for a process with these groups. */
bool personas_apply_to(const struct image *image, const uint32_t *groups, size_t count,
                       struct applied_personas *applied) __attribute__((nonnull, warn_unused_result));

#endif
