#include "tools/privilege.h"

#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

/* exec_handle_sugid, bsd/kern/kern_exec.c */
const char *privilege_raised(int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return "can't be looked at";
    if ((status.st_mode & S_ISUID ? status.st_uid : geteuid()) != getuid())
        return "set-user-ID: dyld ignores DYLD_INSERT_LIBRARIES";
    if ((status.st_mode & S_ISGID ? status.st_gid : getegid()) != getgid())
        return "set-group-ID: dyld ignores DYLD_INSERT_LIBRARIES";
    return NULL;
}
