#include "tools/preload.h"

#include "tools/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Resolved; false: neither here nor there. */
static bool find_from(const char *folder, char library[PATH_MAX])
{
    char path[PATH_MAX];
    bool found = false;
    for (int i = 0; i < 2 && !found; i++)
        found = snprintf(path, sizeof path, "%s/%s%s", folder, i ? preload_way.installed : "",
                         preload_way.library) < (int)sizeof path &&
                realpath(path, library) && access(library, R_OK) == 0;
    return found;
}

static bool can_be_written(const char *library)
{
    return !library[strcspn(library, preload_way.unfit)];
}

bool preload_locate(char library[PATH_MAX])
{
    const struct preload_way *const way = &preload_way;
    char folder[PATH_MAX];
    if (!preload_own_folder(folder)) {
        report_error("can't tell where this program is: %s", strerror(errno));
        return false;
    }
    const bool found = find_from(folder, library);
    if (!found)
        report_error("%s is neither in %s nor in %s/%.*s", way->library, folder, folder,
                     (int)strlen(way->installed) - 1, way->installed);
    else if (!can_be_written(library))
        report_error("%s: %s can't hold a path with %s", library, way->variable, way->unfit_words);
    return found && can_be_written(library);
}

bool preload_locate_second(char library[PATH_MAX])
{
    char folder[PATH_MAX], first[PATH_MAX];
    return preload_own_folder(folder) && find_from(folder, first) && can_be_written(first) &&
           preload_second(first, library);
}

char *preload_value(const char *library, const char *before)
{
    const size_t length = strlen(library);
    char *value = malloc(length + (before ? strlen(before) : 0) + 2);
    if (!value)
        return NULL;
    char *end = stpcpy(value, library);
    while (before && *before) {
        before += strspn(before, preload_way.separators);
        const size_t word = strcspn(before, preload_way.separators);
        if (word && !(word == length && strncmp(before, library, length) == 0)) {
            *end++ = ':';
            memcpy(end, before, word);
            end += word;
            *end = '\0';
        }
        before += word;
    }
    return value;
}
