/* A file that programs of every user will load: who may change it. */
#ifndef PINSHIM_TOOLS_TRUSTED_PATH_H
#define PINSHIM_TOOLS_TRUSTED_PATH_H

#include <stdbool.h>

enum { TRUSTED_PATH_REASON_SIZE = 4200 };

/* True where the file at an absolute path, and every folder on the way, belongs to root and nobody else may
 * write there. False: `reason` says what doesn't. */
bool trusted_path(const char *path, char reason[TRUSTED_PATH_REASON_SIZE])
    __attribute__((nonnull, warn_unused_result));

#endif
