/* A process and its protection, for a table, for a person who asks about this one, and as JSON. */
#ifndef PINSHIM_TOOLS_PROCESS_VIEW_H
#define PINSHIM_TOOLS_PROCESS_VIEW_H

#include "tools/protection.h"
#include "tools/table.h"

#include <jansson.h>

void process_view_titles(struct table *table) __attribute__((nonnull));
void process_view_row(struct table *table, const struct process *process, const struct protection *protection)
    __attribute__((nonnull));

/* A line for each thing that is known, on stdout. False, reported: no memory. */
bool process_view_print(const struct process *process, const struct protection *protection)
    __attribute__((nonnull, warn_unused_result));

/* A new reference; NULL: no memory. */
json_t *process_view_json(const struct process *process, const struct protection *protection)
    __attribute__((nonnull, warn_unused_result));

#endif
