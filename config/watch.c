#include "config/watch.h"

#include "config/file_facts.h"

#include <stdlib.h>
#include <string.h>

bool watch_add(struct watch_list *list, const char *path)
{
    const uint64_t stamp = file_stamp(path);
    const size_t size = strlen(path) + 1;
    char *bytes = realloc(list->bytes, list->length + sizeof stamp + size);
    if (!bytes)
        return false;
    memcpy(bytes + list->length, &stamp, sizeof stamp);
    memcpy(bytes + list->length + sizeof stamp, path, size);
    list->bytes = bytes;
    list->length += sizeof stamp + size;
    return true;
}

bool watch_unchanged(const char *bytes, size_t length)
{
    while (length > sizeof(uint64_t)) {
        uint64_t stamp;
        memcpy(&stamp, bytes, sizeof stamp);
        const char *path = bytes + sizeof stamp;
        const size_t size = strlen(path) + 1;
        if (file_stamp(path) != stamp)
            return false;
        bytes = path + size;
        length -= sizeof stamp + size;
    }
    return true;
}
