/* By syscall(2), as in shim/system_linux.c, and for its reason: this is part of the preloaded library. */
#include "config/map.h"

#include "config/call_linux.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

const void *map_file(int fd, size_t *size)
{
    const long length = syscall(SYS_lseek, fd, 0L, SEEK_END);
    if (length < 0)
        return NULL;
    const long start = syscall(CALL_MMAP, NULL, length, PROT_READ, MAP_SHARED, fd, 0L);
    if (start == -1)
        return NULL;
    *size = (size_t)length;
    return (const void *)(uintptr_t)start; // NOLINT(performance-no-int-to-ptr)
}

void map_free(const void *start, size_t size)
{
    (void)syscall(SYS_munmap, start, size);
}
