/* Where a program is, by execvp(3)'s rules. */
#ifndef PINSHIM_TOOLS_SEARCH_H
#define PINSHIM_TOOLS_SEARCH_H

#include <limits.h>

enum search { SEARCH_NOT_FOUND = 0, SEARCH_NOT_EXECUTABLE, SEARCH_FOUND };

/* Along PATH, where `name` holds no slash. `path`, with a slash, is what to execute; after
 * SEARCH_NOT_EXECUTABLE, errno says why. */
enum search search_program(const char *name, char path[PATH_MAX])
    __attribute__((nonnull, warn_unused_result));

#endif
