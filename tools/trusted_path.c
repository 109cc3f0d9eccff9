#include "tools/trusted_path.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_roots_alone(const char *path, char reason[TRUSTED_PATH_REASON_SIZE])
{
    struct stat status;
    const char *fault = NULL;
    if (stat(path, &status) != 0)
        fault = strerror(errno);
    else if (status.st_uid != 0)
        fault = "doesn't belong to root";
    else if (status.st_mode & (S_IWGRP | S_IWOTH) && !(S_ISDIR(status.st_mode) && status.st_mode & S_ISVTX))
        fault = "others than root may write there";
    if (fault)
        snprintf(reason, TRUSTED_PATH_REASON_SIZE, "%s: %s", path, fault);
    return !fault;
}

bool trusted_path(const char *path, char reason[TRUSTED_PATH_REASON_SIZE])
{
    char resolved[PATH_MAX];
    if (!realpath(path, resolved)) {
        snprintf(reason, TRUSTED_PATH_REASON_SIZE, "%s", strerror(errno));
        return false;
    }
    if (!is_roots_alone(resolved, reason) || !is_roots_alone("/", reason))
        return false;
    for (char *slash = strrchr(resolved, '/'); slash > resolved; slash = strrchr(resolved, '/')) {
        *slash = '\0';
        if (!is_roots_alone(resolved, reason))
            return false;
    }
    return true;
}
