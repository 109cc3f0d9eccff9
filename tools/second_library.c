#include "tools/second_library.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_amd64(void)
{
    return strcmp(MULTIARCH, "x86_64-linux-gnu") == 0;
}

bool second_loader_is_there(const char *root)
{
    char loader[PATH_MAX];
    return is_amd64() && snprintf(loader, sizeof loader, "%s" SECOND_LOADER, root) < (int)sizeof loader &&
           access(loader, F_OK) == 0;
}

/* The link isn't followed: an absolute one would lead out of `root`. */
static const char *lib_of_loader(const char *root)
{
    char loader[PATH_MAX], target[PATH_MAX];
    if (snprintf(loader, sizeof loader, "%s" SECOND_LOADER, root) >= (int)sizeof loader)
        return "";
    const ssize_t length = readlink(loader, target, sizeof target - 1);
    target[length > 0 ? length : 0] = '\0';
    return strstr(target, "lib32/") ? "lib32" : "lib/i386-linux-gnu";
}

bool second_library_find(const char *root, const char *library, char second[PATH_MAX])
{
    static const char ours[] = "/lib/" MULTIARCH "/";
    const char *found = is_amd64() ? strstr(library, ours) : NULL;
    char path[PATH_MAX];
    if (!found || snprintf(second, PATH_MAX, "%.*s/%s/%s", (int)(found - library), library,
                           lib_of_loader(root), found + sizeof ours - 1) >= PATH_MAX)
        return false;
    return snprintf(path, sizeof path, "%s%s", root, second) < (int)sizeof path && access(path, R_OK) == 0;
}
