/* Where the loader finds a library that is named without a folder: /etc/ld.so.cache, as ldconfig(8) wrote it.
 */
#ifndef PINSHIM_TOOLS_LOADER_CACHE_H
#define PINSHIM_TOOLS_LOADER_CACHE_H

#include <stddef.h>

/* The `index`-th place of a library, the loader's choice first; NULL behind the last. The file is read at the
 * first call; where it can't be, there are no places. */
const char *loader_cache_find(const char *library, size_t index) __attribute__((nonnull, warn_unused_result));

#endif
