/* Every process of the host that has memory of its own. */
#ifndef PINSHIM_TOOLS_PROCESS_LIST_H
#define PINSHIM_TOOLS_PROCESS_LIST_H

#include "tools/process.h"

struct process_list {
    struct process *processes; /* owned, by ascending process id */
    size_t count;
};

/* With a line of progress. False, reported: /proc can't be read, or no memory. */
bool process_list_read(struct process_list *list) __attribute__((nonnull, warn_unused_result));
void process_list_free(struct process_list *list) __attribute__((nonnull));

/* NULL: not among them. */
const struct process *process_list_find(const struct process_list *list, pid_t pid)
    __attribute__((nonnull, warn_unused_result));

#endif
