/* Where the policy comes from: the file that this process obeys, opened, compiled where it is text, mapped.
 */
#ifndef PINSHIM_SHIM_POLICY_SOURCE_H
#define PINSHIM_SHIM_POLICY_SOURCE_H

#include "config/image.h"
#include "shim/system.h"

#include <limits.h>
#include <stdbool.h>

#define POLICY_INSTALLED "/var/lib/pinshim/policy.cdb"

enum policy_load {
    POLICY_BAD = 0, /* there is one, and it can't be read: refuse */
    POLICY_ABSENT,  /* no such file */
    POLICY_LOADED,
};

enum { POLICY_ERROR_SIZE = 512 };

/* Maps the policy at `path`, an image or (where `text` allows) a text that is compiled in memory; where that
 * fails, the image before it, `path` with a `~` behind it. *stamp identifies the file at `path` as it was
 * (zeros where there was none). `error`: empty, or why the file at `path` itself could not be used. */
enum policy_load policy_source_load(const char *path, bool text, struct image *image,
                                    struct system_file *stamp, char error[POLICY_ERROR_SIZE])
    __attribute__((nonnull, warn_unused_result));

#endif
