/* dyld(1): a name is a path, but for its beginning. */
#include "tools/library_search.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* `text` behind `prefix`; NULL where it doesn't begin so. */
static const char *behind(const char *text, size_t length, const char *prefix)
{
    const size_t prefix_length = strlen(prefix);
    return length >= prefix_length && strncmp(text, prefix, prefix_length) == 0 ? text + prefix_length : NULL;
}

/* A path with the loader's or the program's folder in it, and `rest` behind it; empty where it doesn't fit.
 */
static void expand(char place[PATH_MAX], const char *text, size_t length, const struct library_file *needer,
                   const struct library_file *program, const char *rest)
{
    const char *loaders = behind(text, length, "@loader_path/"),
               *programs = behind(text, length, "@executable_path/");
    const char *from = loaders ? needer->path : programs ? program->path : "";
    const char *tail = loaders ? loaders : programs ? programs : text, *slash = strrchr(from, '/');
    const int folder = slash ? (int)(slash - from) + 1 : 0;
    if (snprintf(place, PATH_MAX, "%.*s%.*s%s", folder, from, (int)(length - (size_t)(tail - text)), tail,
                 rest) >= PATH_MAX)
        place[0] = '\0';
}

static const struct library_file *try_folders(const struct library_file *owner, const char *rest,
                                              const struct library_file *program)
{
    char place[PATH_MAX];
    for (const char *folder = owner->rpath; folder && *folder;) {
        const size_t length = strcspn(folder, "\n");
        expand(place, folder, length, owner, program, rest);
        const struct library_file *found = place[0] == '/' ? library_file_open(place) : NULL;
        if (found)
            return found;
        folder += length + 1;
    }
    return NULL;
}

const struct library_file *library_search(const char *name, const struct library_file *needer,
                                          const struct library_file *program)
{
    char place[PATH_MAX];
    if (behind(name, strlen(name), "@rpath/")) {
        const char *rest = name + strlen("@rpath");
        const struct library_file *found = try_folders(needer, rest, program);
        return found ? found : try_folders(program, rest, program);
    }
    expand(place, name, strlen(name), needer, program, "");
    return place[0] == '/' ? library_file_open(place) : NULL;
}
