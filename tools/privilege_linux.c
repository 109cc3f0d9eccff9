#include "tools/privilege.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

const char *privilege_raised(int fd)
{
    struct stat status;
    struct statvfs mount;
    if (fstat(fd, &status) != 0 || fstatvfs(fd, &mount) != 0)
        return "can't be looked at";
    const bool honoured = !(mount.f_flag & ST_NOSUID) && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1;
    const bool set_group = (status.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);
    if ((honoured && status.st_mode & S_ISUID ? status.st_uid : geteuid()) != getuid())
        return "set-user-ID: the loader ignores a preload";
    if ((honoured && set_group ? status.st_gid : getegid()) != getgid())
        return "set-group-ID: the loader ignores a preload";
    if (honoured && getuid() != 0 && fgetxattr(fd, "security.capability", NULL, 0) > 0)
        return "file capabilities: the loader ignores a preload";
    return NULL;
}
