/* Why a host is pinned or not, and what would satisfy its pins, as one JSON document: what --json prints, and
 * what the readable form is made of. */
#ifndef PINSHIM_TOOLS_EXPLANATION_H
#define PINSHIM_TOOLS_EXPLANATION_H

#include "shim/policy.h"
#include "tools/user_groups.h"

#include <jansson.h>

/* All views. */
struct explained {
    const struct policy *policy; /* `applied` is for `groups` */
    const char *path;            /* where the policy comes from */
    const char *host;            /* normalised */
    const struct user_groups *groups;
};

/* A new reference; NULL: no memory, or the image is damaged, which is reported. Its members: docs/policy.md,
 * "Explanations". */
json_t *explanation_new(const struct explained *explained) __attribute__((nonnull, warn_unused_result));

/* Prints it on stdout, for reading. */
void explanation_print(const json_t *explanation) __attribute__((nonnull));

#endif
