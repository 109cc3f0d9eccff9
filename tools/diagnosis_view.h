/* A program's diagnosis, for a person who asks about this one, for a table, and as JSON. */
#ifndef PINSHIM_TOOLS_DIAGNOSIS_VIEW_H
#define PINSHIM_TOOLS_DIAGNOSIS_VIEW_H

#include "tools/diagnosis.h"
#include "tools/table.h"

#include <jansson.h>

/* A line for each thing that is known, on stdout. False, reported: no memory. */
bool diagnosis_view_print(const char *path, const struct diagnosis *diagnosis)
    __attribute__((nonnull, warn_unused_result));

void diagnosis_view_titles(struct table *table) __attribute__((nonnull));
void diagnosis_view_row(struct table *table, const char *path, const struct diagnosis *diagnosis)
    __attribute__((nonnull));

/* A new reference; NULL: no memory. */
json_t *diagnosis_view_json(const char *path, const struct diagnosis *diagnosis)
    __attribute__((nonnull, warn_unused_result));

#endif
