/* Where bundles come from and whose they must be: the installed bundle's own policy says it, else the local
 * one. */
#ifndef PINSHIM_AGENT_SETTINGS_H
#define PINSHIM_AGENT_SETTINGS_H

#include "agent/past_file.h"
#include "bundle/key.h"
#include "config/policy.h"

#include <stddef.h>

enum { SETTINGS_KEYS = 64 };

struct settings {
    char url[URL_SIZE];
    unsigned interval;
    struct bundle_key keys[SETTINGS_KEYS];
    size_t key_count;
};

/* Those of a policy's section, which must have one. False, told: nothing can be fetched by it; *settings is
 * as it was. */
bool settings_take(struct settings *settings, const struct agent_policy *agent, const char *whose)
    __attribute__((nonnull, warn_unused_result));

/* Those of the local policy. False, told. */
bool settings_read_local(struct settings *settings) __attribute__((nonnull, warn_unused_result));

#endif
