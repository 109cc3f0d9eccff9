/* By syscall(2), as in map_linux.c, and for its reason: this is part of the preloaded library. */
#include "config/file_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint64_t mix(uint64_t stamp, uint64_t value)
{
    stamp = (stamp ^ value) * 0x9e3779b97f4a7c15U;
    return stamp ^ stamp >> 29;
}

static bool facts(int fd, const char *path, int flags, struct file_facts *facts)
{
    struct statx status;
    if (syscall(SYS_statx, fd, path, flags, STATX_BASIC_STATS, &status) != 0)
        return false;
    const uint64_t inode = mix(status.stx_ino, (uint64_t)status.stx_dev_major << 32 | status.stx_dev_minor);
    uint64_t stamp = mix(inode, status.stx_size);
    stamp = mix(stamp, (uint64_t)status.stx_mtime.tv_sec << 32 ^ status.stx_mtime.tv_nsec);
    stamp = mix(stamp, (uint64_t)status.stx_ctime.tv_sec << 32 ^ status.stx_ctime.tv_nsec);
    *facts = (struct file_facts){
        .stamp = stamp | 1,
        .file = inode | 1,
        .size = status.stx_size,
        .owner = status.stx_uid,
        .mode = (uint16_t)(status.stx_mode & 07777),
        .regular = S_ISREG(status.stx_mode),
        .folder = S_ISDIR(status.stx_mode),
    };
    return true;
}

bool file_facts_of(int fd, struct file_facts *file)
{
    return facts(fd, "", AT_EMPTY_PATH, file);
}

bool file_facts_at(const char *path, struct file_facts *file)
{
    return facts(AT_FDCWD, path, 0, file);
}

bool file_is_link(const char *path)
{
    struct statx status;
    if (syscall(SYS_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &status) != 0)
        return errno != ENOENT && errno != ENOTDIR;
    return S_ISLNK(status.stx_mode);
}

uint64_t file_stamp(const char *path)
{
    struct file_facts file;
    return file_facts_at(path, &file) ? file.stamp : 0;
}

/* In a user namespace without a root of its own (a sandbox), the real one looks like this. */
static bool is_hidden_root(uint32_t owner)
{
    enum { OVERFLOW_USER = 65534 };
    static const char everybody[] = "         0          0 4294967295\n"; /* user_namespaces(7) */
    char map[sizeof everybody];
    if (owner != OVERFLOW_USER)
        return false;
    const int fd = (int)syscall(SYS_openat, AT_FDCWD, "/proc/self/uid_map", O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return false;
    const long length = syscall(SYS_read, fd, map, sizeof map);
    (void)syscall(SYS_close, fd);
    return length > 0 &&
           ((size_t)length != sizeof everybody - 1 || memcmp(map, everybody, (size_t)length) != 0);
}

const char *file_fault(const struct file_facts *file, enum file_guard guard)
{
    const bool sticky = file->folder && (file->mode & S_ISVTX); /* there, others can't replace a file */
    if ((file->mode & S_IWOTH) && (guard == GUARD_ROOT || !sticky))
        return "may be written by everybody";
    if (guard == GUARD_OWNER)
        return NULL;
    if (file->mode & S_IWGRP)
        return "may be written by its group: only root may change an installed policy";
    if (file->owner != 0 && !is_hidden_root(file->owner))
        return "doesn't belong to root: only root may change an installed policy";
    return NULL;
}
