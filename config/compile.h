/* Text policy -> checked rules -> image. Used by the command, and by libpinshim-compile.so inside a process
 * whose PINSHIM_CONFIG names a text policy. */
#ifndef PINSHIM_CONFIG_COMPILE_H
#define PINSHIM_CONFIG_COMPILE_H

#include "config/diagnostics.h"
#include "config/policy.h"
#include "config/settings.h"

#include <stdbool.h>

struct compilation {
    const char *path; /* of pinshim.conf; the personas are in persona.d/ beside it */
    enum policy_use use;
    /* Empty regular files or memfds, open for reading and writing, the caller's; each may be -1. */
    int image_fd; /* gets the image */
    int files_fd; /* gets the bytes of the policy's struct watch_list, also where the policy is bad */
    void (*progress)(unsigned done, unsigned total); /* of pinshim.conf's domains; or NULL */
    bool bundled;       /* it comes out of a bundle, and is the same on every device */
    const char *device; /* of a bundled one: the device's own pinshim.conf, whose `device` counts instead;
                           or NULL */
    struct agent_policy *agent; /* gets what the policy says of the agent, also where it is bad; or NULL */
};

/* Reads the policy, and writes its image. False: *diagnostics holds at least one error, and what is in the
 * image's file must not be used. */
bool policy_compile(const struct compilation *compilation, struct diagnostics *diagnostics)
    __attribute__((nonnull, warn_unused_result));

/* The one export of libpinshim-compile.so: policy_compile, to obey, for a caller without our types. Returns
 * 0, or -1 with the first error in `error` (always terminated). */
int pinshim_compile(const char *path, int image_fd, int files_fd, char *error, size_t error_size)
    __attribute__((nonnull, warn_unused_result));

#endif
