/* What the system tells of a file, and who but its mode's owner, group and others may change it. A file per
 * system: file_status_linux.c, file_status_macos.c.
 *
 * Thread-safe, safe after fork; errno may change.
 */
#ifndef PINSHIM_CONFIG_FILE_STATUS_H
#define PINSHIM_CONFIG_FILE_STATUS_H

#include "config/file_facts.h"

#include <sys/stat.h>

/* As the system has it; times in any unit, for comparison alone. */
struct file_status {
    uint64_t device, inode, size, modified, changed;
    uint32_t owner, mode;
};

static inline uint64_t stamp_mix(uint64_t stamp, uint64_t value)
{
    stamp = (stamp ^ value) * 0x9e3779b97f4a7c15U;
    return stamp ^ stamp >> 29;
}

/* Inline: at each program's start the status isn't copied. */
static inline struct file_facts file_facts_from(struct file_status status)
{
    const uint64_t file = stamp_mix(status.inode, status.device);
    const uint64_t stamp =
        stamp_mix(stamp_mix(stamp_mix(file, status.size), status.modified), status.changed);
    return (struct file_facts){
        .stamp = stamp | 1,
        .file = file | 1,
        .size = status.size,
        .owner = status.owner,
        .mode = (uint16_t)(status.mode & 07777),
        .regular = S_ISREG(status.mode),
        .folder = S_ISDIR(status.mode),
        .link = S_ISLNK(status.mode),
    };
}

/* Of the file at `path`, or where that is NULL of an open file; of a symbolic link itself unless `follow`.
 * All but `shared`. False where they can't be had: errno says why. */
bool file_status(int fd, const char *path, bool follow, struct file_facts *facts)
    __attribute__((nonnull(4), warn_unused_result));

/* True where an access control list lets anybody change the file, or put others into the folder, beyond what
 * its mode tells; and where that can't be told. A path's links are followed. */
bool file_is_shared(int fd, const char *path) __attribute__((warn_unused_result));

bool file_owner_is_root(uint32_t owner) __attribute__((warn_unused_result));

#endif
