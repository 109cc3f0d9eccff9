/* Mach-O files in memory. */
#include "tests/macos/loader/image.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { COMMANDS_MOST = 1 << 16 };

/* Where the x86_64 part starts in the file; -1: there is none. */
static off_t slice_of(int fd)
{
    struct fat_header fat;
    struct fat_slice slice;
    if (pread(fd, &fat, sizeof fat, 0) != sizeof fat)
        return -1;
    if (fat.magic == MACHO_MAGIC)
        return 0;
    for (uint32_t i = 0; fat.magic == FAT_MAGIC && i < ntohl(fat.count); i++)
        if (pread(fd, &slice, sizeof slice, (off_t)(sizeof fat + i * sizeof slice)) == sizeof slice &&
            ntohl(slice.cpu) == CPU_X86_64)
            return ntohl(slice.offset);
    return -1;
}

/* From the lowest address to the highest, but for the pages that keep NULL unmapped. */
static void extent(const struct image *image, uint64_t *low, uint64_t *high)
{
    const struct command *found = NULL;
    *low = UINT64_MAX, *high = 0;
    while ((found = next_command(image, found, COMMAND_SEGMENT))) {
        const struct segment *segment = (const struct segment *)found;
        if (!segment->protection)
            continue;
        if (segment->address < *low)
            *low = segment->address;
        if (segment->address + segment->size > *high)
            *high = segment->address + segment->size;
    }
}

static void fill(const struct image *image, int fd, off_t slice)
{
    const struct command *found = NULL;
    while ((found = next_command(image, found, COMMAND_SEGMENT))) {
        const struct segment *segment = (const struct segment *)found;
        void *to = (void *)(segment->address + (uintptr_t)image->slide);
        if (segment->protection && pread(fd, to, segment->file_size, slice + (off_t)segment->file_offset) !=
                                       (ssize_t)segment->file_size)
            fail("%s is cut short", image->path);
    }
}

static void place(struct image *image, int fd, off_t slice)
{
    uint64_t low, high;
    extent(image, &low, &high);
    char *base = mmap(NULL, high - low, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        fail("no memory for %s", image->path);
    image->slide = (intptr_t)((uintptr_t)base - low);
    fill(image, fd, slice);
    image->header = (const struct header *)base; /* the file's start is what lies first */
}

struct image *map_macho(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const off_t slice = fd < 0 ? -1 : slice_of(fd);
    struct header *file = calloc(1, COMMANDS_MOST);
    struct image *image = NULL;
    if (slice >= 0 && pread(fd, file, COMMANDS_MOST, slice) > 0 && file->magic == MACHO_MAGIC) {
        image = calloc(1, sizeof *image);
        image->path = strdup(path);
        image->header = file;
        place(image, fd, slice);
        const struct dylib *own = (const struct dylib *)next_command(image, NULL, COMMAND_ID_DYLIB);
        image->install_name = own ? (const char *)own + own->name : "";
    }
    if (fd >= 0)
        close(fd);
    free(file);
    return image;
}

void map_protect(const struct image *image)
{
    const struct command *found = NULL;
    while ((found = next_command(image, found, COMMAND_SEGMENT))) {
        const struct segment *segment = (const struct segment *)found;
        const int wanted = segment->flags & SEGMENT_READ_ONLY ? PROT_READ : segment->protection;
        void *start = (void *)(segment->address + (uintptr_t)image->slide);
        if (segment->protection && mprotect(start, segment->size, wanted) != 0)
            fail("%s: a segment can't be protected", image->path);
    }
}
