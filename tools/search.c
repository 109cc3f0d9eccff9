#include "tools/search.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0, or errno: may this file be executed? */
static int executable(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return errno;
    return S_ISREG(status.st_mode) && access(path, X_OK) == 0 ? 0 : EACCES;
}

/* In one folder of PATH, `length` bytes; an empty one is the working directory. */
static int try_folder(const char *folder, size_t length, const char *name, char path[PATH_MAX])
{
    const int written = length ? snprintf(path, PATH_MAX, "%.*s/%s", (int)length, folder, name)
                               : snprintf(path, PATH_MAX, "./%s", name);
    return written < PATH_MAX ? executable(path) : ENAMETOOLONG;
}

static int try_path(const char *name, char path[PATH_MAX])
{
    const char *folders = getenv("PATH");
    if (!folders)
        folders = "/bin:/usr/bin"; /* confstr(_CS_PATH), as execvp has it */
    int refusal = ENOENT;
    for (const char *folder = folders;; folder++) {
        const size_t length = strcspn(folder, ":");
        const int error = try_folder(folder, length, name, path);
        if (error == 0)
            return 0;
        if (error != ENOENT && error != ENOTDIR)
            refusal = error;
        folder += length;
        if (!*folder)
            return refusal;
    }
}

enum search search_program(const char *name, char path[PATH_MAX])
{
    int error = ENOENT;
    if (strchr(name, '/'))
        error = snprintf(path, PATH_MAX, "%s", name) < PATH_MAX ? executable(path) : ENAMETOOLONG;
    else if (name[0])
        error = try_path(name, path);
    errno = error;
    if (error == 0)
        return SEARCH_FOUND;
    return error == ENOENT || error == ENOTDIR ? SEARCH_NOT_FOUND : SEARCH_NOT_EXECUTABLE;
}
