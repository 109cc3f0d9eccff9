#include "config/file_facts.h"

#include "config/file_status.h"

#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>

enum { NO_FD = -1 };

static bool facts(int fd, const char *path, struct file_facts *facts)
{
    if (!file_status(fd, path, true, facts))
        return false;
    facts->shared = file_is_shared(fd, path);
    return true;
}

bool file_facts_of(int fd, struct file_facts *file)
{
    return facts(fd, NULL, file);
}

bool file_facts_at(const char *path, struct file_facts *file)
{
    return facts(NO_FD, path, file);
}

bool file_size_at(const char *path, uint64_t *file, uint64_t *size)
{
    struct file_facts facts;
    if (!file_status(NO_FD, path, true, &facts))
        return false;
    *file = facts.file;
    *size = facts.size;
    return true;
}

bool file_is_link(const char *path)
{
    struct file_facts facts;
    return file_status(NO_FD, path, false, &facts) ? facts.link : errno != ENOENT && errno != ENOTDIR;
}

uint64_t file_stamp(const char *path)
{
    struct file_facts facts;
    return file_status(NO_FD, path, true, &facts) ? facts.stamp : 0;
}

const char *file_fault(const struct file_facts *file, enum file_guard guard)
{
    const bool sticky = file->folder && (file->mode & S_ISVTX); /* there, others can't replace a file */
    if ((file->mode & S_IWOTH) && (guard == GUARD_ROOT || !sticky))
        return "may be written by everybody";
    if (file->shared)
        return "may be written by whom its access control list names";
    if (guard == GUARD_OWNER)
        return NULL;
    if (file->mode & S_IWGRP)
        return "may be written by its group: only root may change an installed policy";
    if (!file_owner_is_root(file->owner))
        return "doesn't belong to root: only root may change an installed policy";
    return NULL;
}
