#include "config/map.h"

#include <sys/mman.h>
#include <unistd.h>

const void *map_file(int fd, size_t *size)
{
    const off_t length = lseek(fd, 0, SEEK_END);
    if (length < 0)
        return NULL;
    const void *start = mmap(NULL, (size_t)length, PROT_READ, MAP_SHARED, fd, 0);
    if (start == MAP_FAILED)
        return NULL;
    *size = (size_t)length;
    return start;
}

void map_free(const void *start, size_t size)
{
    (void)munmap((void *)start, size);
}
