/* libSystem's files and memory: flags, commands and layouts that Linux has otherwise, and the folder of what
 * is installed. Numbers of errno above 34 stay Linux's. */
#include "tests/macos/loader/image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const struct flag {
    int darwin, linux_;
} open_flags[] = {
    {0x4, O_NONBLOCK}, {0x8, O_APPEND},     {0x100, O_NOFOLLOW},     {0x200, O_CREAT},       {0x400, O_TRUNC},
    {0x800, O_EXCL},   {0x20000, O_NOCTTY}, {0x100000, O_DIRECTORY}, {0x1000000, O_CLOEXEC},
};

static int to_linux(int darwin)
{
    int flags = darwin & O_ACCMODE;
    for (size_t i = 0; i < sizeof open_flags / sizeof *open_flags; i++)
        if (darwin & open_flags[i].darwin)
            flags |= open_flags[i].linux_;
    return flags;
}

static int to_darwin(int linux_)
{
    int flags = linux_ & O_ACCMODE;
    for (size_t i = 0; i < sizeof open_flags / sizeof *open_flags; i++)
        if (linux_ & open_flags[i].linux_)
            flags |= open_flags[i].darwin;
    return flags;
}

/* Where Linux has what a path names: `there`, or the path itself. */
static const char *place_of(const char *path, char there[PATH_MAX])
{
    static const char installed[] = "/Library/Application Support/pinshim";
    if (strncmp(path, installed, sizeof installed - 1) != 0)
        return path;
    snprintf(there, PATH_MAX, "/var/lib/pinshim%s", path + sizeof installed - 1);
    return there;
}

static int open_file(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    const int mode = va_arg(rest, int);
    va_end(rest);
    char there[PATH_MAX];
    return open(place_of(path, there), to_linux(flags), (mode_t)mode);
}

static int path_of(int fd, char *path)
{
    enum { DARWIN_PATH_MAX = 1024 };
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, DARWIN_PATH_MAX - 1);
    if (length < 0)
        return -1;
    path[length] = '\0';
    return 0;
}

static int control_file(int fd, int command, ...)
{
    enum { DARWIN_GETPATH = 50, DARWIN_DUPFD_CLOEXEC = 67 };
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    const long number = (long)argument;
    switch (command) {
    case DARWIN_GETPATH:
        return path_of(fd, argument);
    case DARWIN_DUPFD_CLOEXEC:
        return fcntl(fd, F_DUPFD_CLOEXEC, number);
    case F_GETFL:
        return to_darwin(fcntl(fd, F_GETFL));
    case F_SETFL:
        return fcntl(fd, F_SETFL, to_linux((int)number));
    case F_DUPFD:
    case F_GETFD:
    case F_SETFD:
        return fcntl(fd, command, number);
    default:
        errno = EINVAL;
        return -1;
    }
}

struct darwin_stat {
    int32_t device;
    uint16_t mode, links;
    uint64_t inode;
    uint32_t user, group;
    int32_t special, padding;
    struct timespec accessed, modified, changed, born;
    int64_t size, blocks;
    int32_t block_size;
    uint32_t flags, generation;
    int32_t spare;
    int64_t spares[2];
};
_Static_assert(sizeof(struct darwin_stat) == 144, "as <sys/stat.h> has it");

static int tell(int result, const struct stat *from, struct darwin_stat *to)
{
    if (result == 0)
        *to = (struct darwin_stat){
            .device = (int32_t)from->st_dev,
            .mode = (uint16_t)from->st_mode,
            .links = (uint16_t)from->st_nlink,
            .inode = from->st_ino,
            .user = from->st_uid,
            .group = from->st_gid,
            .special = (int32_t)from->st_rdev,
            .accessed = from->st_atim,
            .modified = from->st_mtim,
            .changed = from->st_ctim,
            .size = from->st_size,
            .blocks = from->st_blocks,
            .block_size = (int32_t)from->st_blksize,
        };
    return result;
}

static int stat_descriptor(int fd, struct darwin_stat *to)
{
    struct stat from;
    return tell(fstat(fd, &from), &from, to);
}

static int stat_path(const char *path, struct darwin_stat *to)
{
    struct stat from;
    char there[PATH_MAX];
    return tell(stat(place_of(path, there), &from), &from, to);
}

static int stat_link(const char *path, struct darwin_stat *to)
{
    struct stat from;
    char there[PATH_MAX];
    return tell(lstat(place_of(path, there), &from), &from, to);
}

static void *map_memory(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    enum { DARWIN_ANONYMOUS = 0x1000 };
    const int same = flags & (MAP_SHARED | MAP_PRIVATE | MAP_FIXED);
    return mmap(address, size, protection, same | (flags & DARWIN_ANONYMOUS ? MAP_ANONYMOUS : 0), fd, offset);
}

static unsigned long page_size = 4096;
static unsigned task_self;

static int protect_memory(unsigned task, uintptr_t address, size_t size, int maximum, int protection)
{
    enum { DARWIN_KERN_FAILURE = 5 };
    (void)task, (void)maximum;
    const int bits =
        protection & (PROT_READ | PROT_WRITE | PROT_EXEC); /* VM_PROT_COPY: all is private here */
    return mprotect((void *)address, size, bits) == 0 ? 0 : DARWIN_KERN_FAILURE;
}

static size_t configured(int name, char *value, size_t size)
{
    enum { DARWIN_USER_TEMP_DIR = 65537 };
    return name == DARWIN_USER_TEMP_DIR ? (size_t)snprintf(value, size, "/tmp/") + 1 : 0;
}

const struct adapter adapters_files[] = {
#define ADAPTER(name, function)                                                                              \
    {                                                                                                        \
        name, __extension__(void *) function                                                                 \
    }
    ADAPTER("open", open_file),
    ADAPTER("fcntl", control_file),
    ADAPTER("fstat$INODE64", stat_descriptor),
    ADAPTER("stat$INODE64", stat_path),
    ADAPTER("lstat$INODE64", stat_link),
    ADAPTER("mmap", map_memory),
    ADAPTER("munmap", munmap),
    ADAPTER("vm_protect", protect_memory),
    ADAPTER("vm_page_size", &page_size),
    ADAPTER("mach_task_self_", &task_self),
    ADAPTER("confstr", configured),
    {"", NULL},
};
