/* By syscall(2): each function imported from libc costs some 700 instructions at every program's start, and
 * all of these serve the rare moment when something has to be told. */
#include "shim/system.h"

#include "config/call_linux.h"
#include "shim/system_call.h"
#include "shim/text.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int64_t system_uptime(void)
{
    struct timespec now;
    return clock_gettime(CLOCK_MONOTONIC_COARSE, &now) == 0 ? now.tv_sec : 0;
}

uint64_t system_random(void)
{
    uint64_t bits = 0;
    return syscall(SYS_getrandom, &bits, sizeof bits, GRND_NONBLOCK) == sizeof bits ? bits : 0;
}

uint64_t system_pid(void)
{
    return (uint64_t)syscall(SYS_getpid);
}

uint64_t system_uid(void)
{
    return (uint64_t)syscall(CALL_GETUID);
}

/* Piece by piece: threads may have small stacks. */
void system_program(char *name, size_t size)
{
    struct text text = text_over(name, size);
    const int fd = system_open("/proc/self/cmdline");
    char piece[128], before = '\0';
    long length = 0;
    bool ended = fd < 0;
    while (!ended && (length = syscall(SYS_read, fd, piece, sizeof piece)) > 0)
        for (long i = 0; i < length && !(ended = piece[i] == '\0'); before = piece[i++]) {
            if (before == '/')
                text = text_over(name, size);
            text_add_char(&text, piece[i]);
        }
    if (fd >= 0)
        system_close(fd);
    if (text.length == 0)
        text_add_char(&text, '?');
    (void)text_end(&text);
}

int system_memory_file(void)
{
    return system_above_stderr((int)syscall(SYS_memfd_create, "pinshim-policy", MFD_CLOEXEC));
}

void system_close(int fd)
{
    (void)syscall(SYS_close, fd);
}

bool system_path(int fd, char *path, size_t size)
{
    char name[32];
    struct text text = text_over(name, sizeof name);
    text_add(&text, "/proc/self/fd/");
    text_add_number(&text, (uint64_t)fd, 1);
    const long length = text_end(&text) ? syscall(SYS_readlinkat, AT_FDCWD, name, path, size - 1) : -1;
    if (length <= 1)
        return false;
    path[length] = '\0';
    return true;
}

const char *system_variable(const char *name)
{
    return secure_getenv(name);
}

int call_open(const char *path, int flags)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC | O_LARGEFILE, 0640);
}

int call_duplicate(int fd, int least)
{
    return (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, least);
}

long call_write(int fd, const char *bytes, size_t length)
{
    return syscall(SYS_write, fd, bytes, length);
}

long call_read_at(int fd, char *bytes, size_t length, uint64_t at)
{
    /* one argument, or two of half the width */
    return syscall(SYS_pread64, fd, bytes, length, (long)at, (long)(at >> 32));
}

void call_yield(void)
{
    (void)syscall(SYS_sched_yield);
}

uint64_t call_file_limit(void)
{
    uint64_t limit[2]; /* struct rlimit64: the one in force, and how far it may be raised */
    return syscall(SYS_prlimit64, 0, RLIMIT_FSIZE, NULL, limit) == 0 ? limit[0] : UINT64_MAX;
}

uint32_t call_effective_group(void)
{
    return (uint32_t)syscall(CALL_GETEGID);
}

int call_groups(int capacity, uint32_t *groups)
{
    _Static_assert(sizeof(gid_t) == sizeof *groups, "groups are 32 bits wide");
    return (int)syscall(CALL_GETGROUPS, capacity, groups);
}

/* In a user namespace (a sandbox), what has no number there looks like this: user_namespaces(7). */
bool system_hides_groups(const uint32_t *groups, size_t count)
{
    enum { OVERFLOW_GROUP = 65534 };
    static const char everything[] = "         0          0 4294967295\n";
    char map[sizeof everything];
    size_t i = 0;
    while (i < count && groups[i] != OVERFLOW_GROUP)
        i++;
    if (i == count)
        return false;
    const int fd = system_open("/proc/self/gid_map");
    const long length = fd >= 0 ? syscall(SYS_read, fd, map, sizeof map) : -1;
    if (fd >= 0)
        system_close(fd);
    return length != sizeof everything - 1 || memcmp(map, everything, sizeof everything - 1) != 0;
}

int system_socket(int type)
{
    return system_above_stderr((int)syscall(SYS_socket, AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

const struct sockaddr_un call_log_address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};

void call_send_to(int fd, const struct msghdr *message)
{
    (void)syscall(SYS_sendmsg, fd, message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

long call_receive(int fd, char *bytes, size_t size)
{
    return syscall(SYS_recvfrom, fd, bytes, size, MSG_DONTWAIT, NULL, NULL);
}

bool system_stderr_is_terminal(void)
{
    struct termios settings;
    return syscall(SYS_ioctl, STDERR_FILENO, TCGETS, &settings) == 0;
}

/* getpeername(2) by another name: what torsocks puts in the place of syscall(2) crashes on that one. It wants
 * no more bytes than the address has. What stands for a kernel (an emulator, a sandbox) may not have the
 * other name. */
static bool peer_name(int fd, void *peer, socklen_t size)
{
    socklen_t length = size;
    if (syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERNAME, peer, &length) == 0)
        return true;
    return (errno == ENOPROTOOPT || errno == EOPNOTSUPP) && syscall(SYS_getpeername, fd, peer, &size) == 0;
}

bool system_peer(int fd, struct address *address, unsigned *port)
{
    struct sockaddr_in6 peer; /* the larger one of the two */
    return peer_name(fd, &peer, sizeof(struct sockaddr_in)) &&
           (peer.sin6_family != AF_INET6 || peer_name(fd, &peer, sizeof peer)) &&
           address_from_socket(address, port, &peer);
}
