#include "tools/loader_cache.h"

#include "config/map.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uthash.h>

#define MAGIC "glibc-ld.so.cache1.1" /* sysdeps/generic/dl-cache.h; the only form since glibc 2.32 */

struct header {
    char magic[sizeof MAGIC - 1];
    uint32_t count, strings_size;
    uint8_t flags, padding[3];
    uint32_t extensions, unused[3];
};

struct entry {
    int32_t flags;
    uint32_t name, path; /* offsets in the file */
    uint32_t os_version;
    uint64_t capabilities;
};

/* Of one name, in the cache's order. */
struct place {
    const char *path;
    struct place *next;
};

struct library {
    const char *name;
    struct place *first, **last;
    UT_hash_handle hh;
};

static struct library *libraries;

static const char *string_at(const char *file, size_t size, uint32_t offset)
{
    return offset < size && memchr(file + offset, '\0', size - offset) ? file + offset : NULL;
}

static void remember(const char *name, const char *path)
{
    struct library *library;
    struct place *place = calloc(1, sizeof *place);
    HASH_FIND_STR(libraries, name, library);
    if (place && !library && (library = calloc(1, sizeof *library))) {
        library->name = name;
        library->last = &library->first;
        HASH_ADD_KEYPTR(hh, libraries, library->name, strlen(library->name), library);
    }
    if (!place || !library) {
        free(place);
        return;
    }
    place->path = path;
    *library->last = place;
    library->last = &place->next;
}

static void read_entries(const char *file, size_t size)
{
    struct header header;
    if (size < sizeof header || memcmp(file, MAGIC, sizeof header.magic) != 0)
        return;
    memcpy(&header, file, sizeof header);
    for (uint64_t i = 0, at = sizeof header; i < header.count && at + sizeof(struct entry) <= size;
         i++, at += sizeof(struct entry)) {
        struct entry entry;
        memcpy(&entry, file + at, sizeof entry);
        const char *name = string_at(file, size, entry.name), *path = string_at(file, size, entry.path);
        if (name && path)
            remember(name, path);
    }
}

/* Mapped for good: names and places point into it. */
static void read_cache(void)
{
    size_t size;
    const int fd = open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC);
    const char *file = fd < 0 ? NULL : map_file(fd, &size);
    if (fd >= 0)
        close(fd);
    if (file)
        read_entries(file, size);
}

const char *loader_cache_find(const char *name, size_t index)
{
    static bool read;
    struct library *library;
    if (!read)
        read_cache();
    read = true;
    HASH_FIND_STR(libraries, name, library);
    const struct place *place = library ? library->first : NULL;
    while (place && index--)
        place = place->next;
    return place ? place->path : NULL;
}
