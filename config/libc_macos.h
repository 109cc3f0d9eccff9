/* What the command needs of glibc and macOS's C library hasn't; included before everything else where it is
 * built for macOS. Macros, so that a later SDK may declare the same. */
#ifndef PINSHIM_CONFIG_LIBC_MACOS_H
#define PINSHIM_CONFIG_LIBC_MACOS_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static inline void *array_resize(void *memory, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(memory, count * size);
}
#define reallocarray array_resize

#endif
