/* Text policy -> checked rules -> image. Used by the command, and by libpinshim-compile.so inside a process
 * whose PINSHIM_CONFIG names a text policy. */
#ifndef PINSHIM_CONFIG_COMPILE_H
#define PINSHIM_CONFIG_COMPILE_H

#include "config/diagnostics.h"

#include <stdbool.h>

/* Reads the policy at `path`, and the personas in persona.d/ beside it, and writes its image to `image_fd`:
 * an empty regular file or memfd open for reading and writing, the caller's. A negative `image_fd` only
 * checks. False: *diagnostics holds at least one error, and what is in the file must not be used. */
bool policy_compile(const char *path, int image_fd, struct diagnostics *diagnostics)
    __attribute__((nonnull, warn_unused_result));

/* The one export of libpinshim-compile.so: policy_compile for a caller without our types. Returns 0, or -1
 * with the first error in `error` (always terminated). */
int pinshim_compile(const char *path, int image_fd, char *error, size_t error_size)
    __attribute__((nonnull, warn_unused_result));

#endif
