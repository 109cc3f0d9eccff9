/* `local_proxy` where the policy leaves it to the platform: local_roots_linux.c, local_roots_macos.c.
 * Source: the note's macOS section. */
#ifndef PINSHIM_CONFIG_LOCAL_ROOTS_H
#define PINSHIM_CONFIG_LOCAL_ROOTS_H

#include "config/certificate.h"

#include <stdbool.h>

/* What `trust` is where the policy doesn't say it: "when-configured"? */
extern const bool local_roots_trusted;

/* Where the platform keeps the administrator's roots as files; NULL: not as files. */
extern const char *const local_roots_folder;

/* Adds those that the platform keeps otherwise: on macOS, what is trusted explicitly at root level, in the
 * keychain. False: they can't be had. */
bool local_roots_read(struct certificates *roots) __attribute__((nonnull, warn_unused_result));

#endif
