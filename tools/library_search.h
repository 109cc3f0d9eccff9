/* Where a platform's loader finds a library that is asked for by name. */
#ifndef PINSHIM_TOOLS_LIBRARY_SEARCH_H
#define PINSHIM_TOOLS_LIBRARY_SEARCH_H

#include "tools/library_file.h"

/* `needer` names it, in a process of `program`. NULL: not found, or in no file (macOS's own libraries). */
const struct library_file *library_search(const char *name, const struct library_file *needer,
                                          const struct library_file *program)
    __attribute__((nonnull, warn_unused_result));

#endif
