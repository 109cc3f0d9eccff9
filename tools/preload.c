#include "tools/preload.h"

#include "tools/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool preload_locate(char library[PATH_MAX])
{
    const struct preload_way *const way = &preload_way;
    char folder[PATH_MAX], path[PATH_MAX];
    if (!preload_own_folder(folder)) {
        report_error("can't tell where this program is: %s", strerror(errno));
        return false;
    }
    bool found = false;
    for (int i = 0; i < 2 && !found; i++)
        found = snprintf(path, sizeof path, "%s/%s%s", folder, i ? way->installed : "", way->library) <
                    (int)sizeof path &&
                realpath(path, library) && access(library, R_OK) == 0;
    if (!found)
        report_error("%s is neither in %s nor in %s/%.*s", way->library, folder, folder,
                     (int)strlen(way->installed) - 1, way->installed);
    else if (library[strcspn(library, way->unfit)]) {
        report_error("%s: %s can't hold a path with %s", library, way->variable, way->unfit_words);
        found = false;
    }
    return found;
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
