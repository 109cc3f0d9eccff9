#include "config/file_facts.h"

#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>

static uint64_t mix(uint64_t stamp, uint64_t value)
{
    stamp = (stamp ^ value) * 0x9e3779b97f4a7c15U;
    return stamp ^ stamp >> 29;
}

static void tell(const struct stat *status, struct file_facts *facts)
{
    const uint64_t inode = mix(status->st_ino, (uint64_t)status->st_dev);
    uint64_t stamp = mix(inode, (uint64_t)status->st_size);
    stamp = mix(stamp, (uint64_t)status->st_mtimespec.tv_sec << 32 ^ (uint64_t)status->st_mtimespec.tv_nsec);
    stamp = mix(stamp, (uint64_t)status->st_ctimespec.tv_sec << 32 ^ (uint64_t)status->st_ctimespec.tv_nsec);
    *facts = (struct file_facts){
        .stamp = stamp | 1,
        .file = inode | 1,
        .size = (uint64_t)status->st_size,
        .owner = status->st_uid,
        .mode = (uint16_t)(status->st_mode & 07777),
        .regular = S_ISREG(status->st_mode),
        .folder = S_ISDIR(status->st_mode),
    };
}

bool file_facts_of(int fd, struct file_facts *file)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return false;
    tell(&status, file);
    return true;
}

bool file_facts_at(const char *path, struct file_facts *file)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return false;
    tell(&status, file);
    return true;
}

bool file_is_link(const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return errno != ENOENT && errno != ENOTDIR;
    return S_ISLNK(status.st_mode);
}

uint64_t file_stamp(const char *path)
{
    struct file_facts file;
    return file_facts_at(path, &file) ? file.stamp : 0;
}

/* Of the mode alone: what an access control list (acl(3)) gives beyond it isn't seen. */
const char *file_fault(const struct file_facts *file, enum file_guard guard)
{
    const bool sticky = file->folder && (file->mode & S_ISVTX); /* there, others can't replace a file */
    if ((file->mode & S_IWOTH) && (guard == GUARD_ROOT || !sticky))
        return "may be written by everybody";
    if (guard == GUARD_OWNER)
        return NULL;
    if (file->mode & S_IWGRP)
        return "may be written by its group: only root may change an installed policy";
    if (file->owner != 0)
        return "doesn't belong to root: only root may change an installed policy";
    return NULL;
}
