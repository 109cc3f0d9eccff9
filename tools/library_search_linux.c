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

/* As the loader does, it passes over what is of the other word size. */
static const struct library_file *open_library(const char *path, bool narrow)
{
    const struct library_file *file = library_file_open(path);
    return file && file->narrow == narrow ? file : NULL;
}

/* NULL: it is in no folder of that search path. */
static const struct library_file *try_search_path(const char *search, const char *origin, const char *name,
                                                  bool narrow)
{
    char place[PATH_MAX];
    for (const char *folder = search; folder && *folder;) {
        const size_t length = strcspn(folder, ":;");
        add_folder(place, folder, length, origin, name);
        const struct library_file *found = place[0] == '/' ? open_library(place, narrow) : NULL;
        if (found)
            return found;
        folder += length + (folder[length] != '\0');
    }
    return NULL;
}

static const struct library_file *try_cache(const char *name, bool narrow)
{
    const char *place;
    for (size_t i = 0; (place = loader_cache_find(name, i)); i++) {
        const struct library_file *found = open_library(place, narrow);
        if (found)
            return found;
    }
    return try_search_path(narrow ? "/lib32:/usr/lib32:/lib:/usr/lib" : "/lib64:/usr/lib64:/lib:/usr/lib",
                           "/", name, narrow);
}

/* ld.so(8): RPATH, where there is no RUNPATH, LD_LIBRARY_PATH, RUNPATH, the cache, the default folders. */
const struct library_file *library_search(const char *name, const struct library_file *needer,
                                          const struct library_file *program)
{
    const struct library_file *found = NULL;
    const bool narrow = program->narrow;
    if (strchr(name, '/'))
        return open_library(name, narrow);
    if (!needer->runpath && needer->rpath)
        found = try_search_path(needer->rpath, needer->path, name, narrow);
    if (!found && !needer->runpath && !program->runpath)
        found = try_search_path(program->rpath, program->path, name, narrow);
    if (!found)
        found = try_search_path(getenv("LD_LIBRARY_PATH"), program->path, name, narrow);
    if (!found)
        found = try_search_path(needer->runpath, needer->path, name, narrow);
    return found ? found : try_cache(name, narrow);
}
