/* The half of target.h that each platform has of its own, and what it reports by. */
#ifndef PINSHIM_TOOLS_TARGET_PLATFORM_H
#define PINSHIM_TOOLS_TARGET_PLATFORM_H

#include "tools/target.h"

/* target->reason; returns false. */
bool target_refuse(struct target *target, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `interpreter`, which starts another program (env), leaves the preload in its environment. False:
 * target->reason. */
bool target_passes_on(const char *interpreter, struct target *target)
    __attribute__((nonnull, warn_unused_result));

#endif
