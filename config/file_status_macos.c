#include "config/file_status.h"

#include <errno.h>
#include <stddef.h>
#include <sys/acl.h>
#include <sys/stat.h>

static uint64_t time_of(const struct timespec *time)
{
    return (uint64_t)time->tv_sec << 32 ^ (uint64_t)time->tv_nsec;
}

bool file_status(int fd, const char *path, bool follow, struct file_facts *facts)
{
    struct stat found;
    if ((path && follow ? stat(path, &found) : path ? lstat(path, &found) : fstat(fd, &found)) != 0)
        return false;
    *facts = file_facts_from((struct file_status){
        .device = (uint64_t)found.st_dev,
        .inode = found.st_ino,
        .size = (uint64_t)found.st_size,
        .modified = time_of(&found.st_mtimespec),
        .changed = time_of(&found.st_ctimespec),
        .owner = found.st_uid,
        .mode = found.st_mode,
    });
    return true;
}

/* An entry that allows more than these lets somebody change the file, or what it is a folder of, or give
 * himself leave to. What another entry denies may be denied too late, and isn't looked at; nor whether an
 * entry is for files that are yet to come into the folder: a policy may. */
static const acl_permset_mask_t harmless = ACL_READ_DATA | ACL_EXECUTE | ACL_READ_ATTRIBUTES |
                                           ACL_READ_EXTATTRIBUTES | ACL_READ_SECURITY | ACL_SYNCHRONIZE;

/* True also where it can't be told. */
static bool lets_change(acl_entry_t entry)
{
    acl_tag_t tag;
    acl_permset_mask_t allowed;
    if (acl_get_tag_type(entry, &tag) != 0 || acl_get_permset_mask_np(entry, &allowed) != 0)
        return true;
    return tag != ACL_EXTENDED_DENY && (allowed & ~harmless);
}

bool file_is_shared(int fd, const char *path)
{
    const acl_t list = path ? acl_get_file(path, ACL_TYPE_EXTENDED) : acl_get_fd_np(fd, ACL_TYPE_EXTENDED);
    acl_entry_t entry;
    bool shared = false;
    if (!list)
        return errno != ENOENT; /* it has none */
    for (int which = ACL_FIRST_ENTRY; !shared && acl_get_entry(list, which, &entry) == 0;
         which = ACL_NEXT_ENTRY)
        shared = lets_change(entry);
    (void)acl_free(list);
    return shared;
}

bool file_owner_is_root(uint32_t owner)
{
    return owner == 0;
}
