/* The image that a bundle makes on this device. */
#ifndef PINSHIM_AGENT_COMPILED_H
#define PINSHIM_AGENT_COMPILED_H

#include "bundle/payload.h"
#include "config/image.h"
#include "config/policy.h"

struct compiled {
    int image_fd; /* to a file in the work folder */
    struct image_header header;
    struct agent_policy agent; /* what the bundle's own policy says of it */
};

/* Compiles it in the work folder, which is emptied before, with the device's own `device`. False, told; there
 * is nothing to free. */
bool compiled_make(struct compiled *compiled, const struct bundle *bundle)
    __attribute__((nonnull, warn_unused_result));

/* Is the installed image this very policy's, and sound? */
bool compiled_is_installed(const struct compiled *compiled) __attribute__((nonnull, warn_unused_result));

/* Puts it in the installed image's place. False, told. */
bool compiled_put(const struct compiled *compiled) __attribute__((nonnull, warn_unused_result));

void compiled_free(struct compiled *compiled) __attribute__((nonnull));

#endif
