#include "tools/library_search.h"

#include "tools/loader_cache.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A folder of a search path, "$ORIGIN" in it replaced by the folder of the file that says so. */
static void add_folder(char place[PATH_MAX], const char *folder, size_t length, const char *origin,
                       const char *name)
{
    static const char *const tokens[] = {"$ORIGIN", "${ORIGIN}"};
    const char *slash = strrchr(origin, '/'), *rest = folder;
    int written = 0;
    place[0] = '\0';
    for (size_t i = 0; i < sizeof tokens / sizeof tokens[0]; i++) {
        const size_t token = strlen(tokens[i]);
        if (length >= token && strncmp(folder, tokens[i], token) == 0) {
            written = snprintf(place, PATH_MAX, "%.*s", slash ? (int)(slash - origin) : 0, origin);
            rest = folder + token;
            length -= token;
            break;
        }
    }
    if (written < 0 || written >= PATH_MAX ||
        snprintf(place + written, (size_t)(PATH_MAX - written), "%.*s/%s", (int)length, rest, name) >=
            PATH_MAX - written)
        place[0] = '\0';
}

/* NULL: it is in no folder of that search path. */
static const struct library_file *try_search_path(const char *search, const char *origin, const char *name)
{
    char place[PATH_MAX];
    for (const char *folder = search; folder && *folder;) {
        const size_t length = strcspn(folder, ":;");
        add_folder(place, folder, length, origin, name);
        const struct library_file *found = place[0] == '/' ? library_file_open(place) : NULL;
        if (found)
            return found;
        folder += length + (folder[length] != '\0');
    }
    return NULL;
}

static const struct library_file *try_cache(const char *name)
{
    const char *place;
    for (size_t i = 0; (place = loader_cache_find(name, i)); i++) {
        const struct library_file *found = library_file_open(place);
        if (found)
            return found;
    }
    return try_search_path("/lib64:/usr/lib64:/lib:/usr/lib", "/", name);
}

/* ld.so(8): RPATH, where there is no RUNPATH, LD_LIBRARY_PATH, RUNPATH, the cache, the default folders. */
const struct library_file *library_search(const char *name, const struct library_file *needer,
                                          const struct library_file *program)
{
    const struct library_file *found = NULL;
    if (strchr(name, '/'))
        return library_file_open(name);
    if (!needer->runpath && needer->rpath)
        found = try_search_path(needer->rpath, needer->path, name);
    if (!found && !needer->runpath && !program->runpath)
        found = try_search_path(program->rpath, program->path, name);
    if (!found)
        found = try_search_path(getenv("LD_LIBRARY_PATH"), program->path, name);
    if (!found)
        found = try_search_path(needer->runpath, needer->path, name);
    return found ? found : try_cache(name);
}
