/* What a file's status tells a reader of policies: whether it is still the same, and who may change it.
 *
 * Thread-safe, safe after fork; errno may change. On Linux by raw system calls: async-signal-safe.
 */
#ifndef PINSHIM_CONFIG_FILE_FACTS_H
#define PINSHIM_CONFIG_FILE_FACTS_H

#include <stdbool.h>
#include <stdint.h>

struct file_facts {
    uint64_t stamp; /* of which file it is, and of its last change; never 0 */
    uint64_t file;  /* which file it is, whatever is in it; never 0 */
    uint64_t size;  /* bytes */
    uint32_t owner;
    uint16_t mode;
    bool regular, folder, link;
    bool shared; /* an access control list lets others change it, as the mode doesn't tell */
};

/* Of an open file, or of the file at `path` (symbolic links followed). False where they can't be had. */
bool file_facts_of(int fd, struct file_facts *facts) __attribute__((nonnull, warn_unused_result));
bool file_facts_at(const char *path, struct file_facts *facts) __attribute__((nonnull, warn_unused_result));

/* Which file is there, and its size, without a look at who may write to it. */
bool file_size_at(const char *path, uint64_t *file, uint64_t *size)
    __attribute__((nonnull, warn_unused_result));

/* True where the path itself names a symbolic link, wherever that leads, and where that can't be told. False
 * where there is nothing. */
bool file_is_link(const char *path) __attribute__((nonnull, warn_unused_result));

/* The stamp of the file at `path`; 0 where there is none. */
uint64_t file_stamp(const char *path) __attribute__((nonnull, warn_unused_result));

enum file_guard {
    GUARD_ROOT,  /* of an installed policy: root alone may write */
    GUARD_OWNER, /* of a policy that somebody names: whoever owns it, and their group */
};

/* NULL where nobody else may write to the file, or put others into the folder; else a clause that says who
 * may: "may be written by ...", static. */
const char *file_fault(const struct file_facts *facts, enum file_guard guard)
    __attribute__((nonnull, warn_unused_result));

#endif
