/* A whole file, mapped read-only. A file per system implements it: map_linux.c. */
#ifndef PINSHIM_CONFIG_MAP_H
#define PINSHIM_CONFIG_MAP_H

#include <stddef.h>

/* NULL with errno where it can't be mapped (an empty file: EINVAL). The descriptor stays the caller's. */
const void *map_file(int fd, size_t *size) __attribute__((nonnull, warn_unused_result));

void map_free(const void *start, size_t size) __attribute__((nonnull));

#endif
