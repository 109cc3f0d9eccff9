#include "tools/mapping.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A number, and the character behind it; false where that isn't there. */
static bool take(char **at, int base, char behind, uint64_t *number)
{
    char *end;
    if (strspn(*at, "0123456789abcdef") == 0)
        return false;
    errno = 0;
    *number = strtoull(*at, &end, base);
    if (errno || *end != behind)
        return false;
    *at = end + 1;
    return true;
}

static bool cut_suffix(char *text, const char *suffix)
{
    const size_t length = strlen(text), tail = strlen(suffix);
    const bool found = length > tail && strcmp(text + length - tail, suffix) == 0;
    if (found)
        text[length - tail] = '\0';
    return found;
}

bool mapping_parse(char *line, struct mapping *mapping)
{
    enum { PERMISSIONS = 4 };
    uint64_t offset, device_major, device_minor;
    char *at = line;
    line[strcspn(line, "\n")] = '\0';
    if (!take(&at, 16, '-', &mapping->start) || !take(&at, 16, ' ', &mapping->end) ||
        mapping->end < mapping->start || strlen(at) < PERMISSIONS + 1)
        return false;
    mapping->writable = at[1] == 'w';
    mapping->executable = at[2] == 'x';
    at += PERMISSIONS + 1;
    if (!take(&at, 16, ' ', &offset) || !take(&at, 16, ':', &device_major) ||
        !take(&at, 16, ' ', &device_minor) || strspn(at, "0123456789") == 0)
        return false;
    errno = 0;
    mapping->inode = strtoull(at, &at, 10);
    mapping->device_major = (uint32_t)device_major;
    mapping->device_minor = (uint32_t)device_minor;
    at += strspn(at, " ");
    mapping->path = at[0] == '/' ? at : at + strlen(at);
    mapping->deleted = cut_suffix(mapping->path, " (deleted)");
    return errno == 0;
}
