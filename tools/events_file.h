/* Where a policy's events are written to. */
#ifndef PINSHIM_TOOLS_EVENTS_FILE_H
#define PINSHIM_TOOLS_EVENTS_FILE_H

#include <limits.h>
#include <stdbool.h>

/* The events file of the policy at `config`, text or image, or (NULL) of the one that PINSHIM_CONFIG names,
 * or else of the installed one. False, reported: there is no such policy, or it can't be read, or its events
 * go elsewhere. The file itself may not exist. */
bool events_file_find(const char *config, char path[PATH_MAX])
    __attribute__((nonnull(2), warn_unused_result));

#endif
