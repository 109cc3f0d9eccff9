#include "tools/mapped_file.h"

#include "tools/builtin_tls.h"
#include "tools/cut_file.h"
#include "tools/target.h"
#include "tools/tls_marks.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <uthash.h>

/* The kernel's numbers of a device differ from stat's in some file systems, so programs and libraries, which
 * are asked for by one and the other, have keys of their own. */
struct key {
    uint64_t device, inode;
    uint64_t program;
};

struct file {
    struct key key;
    UT_hash_handle hh;
    const char *tls;
    char *refusal;
};

static struct file *files;

static struct file *find(const struct key *key)
{
    struct file *file;
    /* The analyser doesn't see that a structure's bytes are its members'. */
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult)
    HASH_FIND(hh, files, key, sizeof *key, file);
    return file;
}

/* NULL: no memory. */
static struct file *remember(const struct key *key)
{
    struct file *file = calloc(1, sizeof *file);
    if (file) {
        file->key = *key;
        HASH_ADD(hh, files, key, sizeof file->key, file);
    }
    return file;
}

/* How much of a user's files has been looked into. */
struct owner {
    uid_t uid;
    uint64_t bytes;
    UT_hash_handle hh;
};

static struct owner *owners;

/* Whoever maps large files of his own mustn't keep the one who looks: enough of one user's, and of all users'
 * (who may have thousands of subordinate ids). Root's are looked into in any case. */
static bool may_look(const struct stat *status)
{
    static const uint64_t most_of_one = (uint64_t)2 << 30, most_of_all = (uint64_t)16 << 30;
    static uint64_t bytes_of_all;
    struct owner *owner;
    if (status->st_uid == 0)
        return true;
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): as in find
    HASH_FIND(hh, owners, &status->st_uid, sizeof owner->uid, owner);
    if (!owner && (owner = calloc(1, sizeof *owner))) {
        owner->uid = status->st_uid;
        HASH_ADD(hh, owners, uid, sizeof owner->uid, owner);
    }
    if (owner)
        owner->bytes += (uint64_t)status->st_size;
    bytes_of_all += (uint64_t)status->st_size;
    return owner && owner->bytes <= most_of_one && bytes_of_all <= most_of_all;
}

#define UNKNOWN_TLS "unknown (too much to look into)"

/* A regular file of a size that can be looked into. */
static bool is_fit(int fd, struct stat *status)
{
    enum { LARGEST = 1 << 30 };
    return fstat(fd, status) == 0 && S_ISREG(status->st_mode) && status->st_size <= LARGEST;
}

/* By the kernel's own handle on what is mapped, which root may use; else by its path as the process sees it,
 * where the same file stands there still. A descriptor, or -1. */
static int open_mapped(pid_t pid, const struct mapping *mapping, struct stat *status)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "/proc/%d/map_files/%" PRIx64 "-%" PRIx64, (int)pid, mapping->start,
             mapping->end);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && !mapping->deleted &&
        snprintf(path, sizeof path, "/proc/%d/root%s", (int)pid, mapping->path) < (int)sizeof path) {
        const int handle = open(path, O_PATH | O_CLOEXEC); /* opens no device */
        if (handle >= 0 && is_fit(handle, status) && status->st_ino == mapping->inode) {
            snprintf(path, sizeof path, "/proc/self/fd/%d", handle);
            fd = open(path, O_RDONLY | O_CLOEXEC);
        }
        if (handle >= 0)
            close(handle);
    }
    if (fd >= 0 && !is_fit(fd, status)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

struct look {
    int fd;
    struct stat status;
    const char *tls;
    struct target target;
};

static void look_into_library(void *argument)
{
    struct look *look = argument;
    struct elf_file elf;
    if (elf_open(&elf, look->fd) != ELF_OK)
        return;
    look->tls = may_look(&look->status) ? builtin_tls_of_library(&elf, tls_marks(&elf)) : UNKNOWN_TLS;
    elf_close(&elf);
}

const char *mapped_file_tls(pid_t pid, const struct mapping *mapping)
{
    const struct key key = {makedev(mapping->device_major, mapping->device_minor), mapping->inode, false};
    struct file *file = find(&key);
    if (file)
        return file->tls;
    static struct look look;
    look = (struct look){0};
    look.fd = open_mapped(pid, mapping, &look.status);
    if (look.fd < 0) /* another process may show it */
        return NULL;
    if (!cut_file_guard(look_into_library, &look))
        look.tls = NULL;
    close(look.fd);
    file = remember(&key);
    if (file)
        file->tls = look.tls;
    return look.tls;
}

static void look_into_program(void *argument)
{
    struct look *look = argument;
    target_inspect_running(look->fd, &look->target);
}

static void look_at_program(int fd, struct file *file)
{
    static struct look look;
    look = (struct look){.fd = fd};
    if (!cut_file_guard(look_into_program, &look) || look.target.protectable)
        return;
    file->tls = look.target.tls;
    file->refusal = strdup(look.target.reason);
}

const char *mapped_file_refusal(pid_t pid, const char **tls)
{
    char path[64];
    struct stat status;
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    *tls = NULL;
    if (fd < 0)
        return NULL;
    const struct file *found = NULL;
    if (is_fit(fd, &status)) {
        const struct key key = {status.st_dev, status.st_ino, true};
        found = find(&key);
        struct file *file = found ? NULL : remember(&key);
        if (file && !may_look(&status))
            file->tls = UNKNOWN_TLS;
        else if (file)
            look_at_program(fd, file);
        found = found ? found : file;
    }
    close(fd);
    *tls = found ? found->tls : NULL;
    return found ? found->refusal : NULL;
}
