/* Is a proxy configured on this machine, in a place that only its administrator may change? A file per system
 * answers: local_proxy_linux.c.
 *
 * No allocation, no libc state; thread-safe and safe after fork; errno may change.
 */
#ifndef PINSHIM_SHIM_LOCAL_PROXY_H
#define PINSHIM_SHIM_LOCAL_PROXY_H

#include "config/image.h"

#include <stdbool.h>

/* What the policy's `local_proxy` comes to at this moment: never; the proxy that it names; or whether the
 * machine's own settings name one. The program's environment has no say. */
bool local_proxy_is_configured(const struct image *image) __attribute__((nonnull, warn_unused_result));

#endif
