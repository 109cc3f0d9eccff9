/* By syscall(2): each function imported from libc costs some 700 instructions at every program's start, and
 * all of these serve the rare moment when something has to be told. */
#include "shim/system.h"

#include "config/call_linux.h"
#include "config/file_facts.h"
#include "shim/text.h"

#include <asm/termbits.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int64_t system_time(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

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

/* A descriptor the program can't take for its stdin, stdout or stderr, should it have closed one of those. */
static int above_stderr(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    const int higher = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    system_close(fd);
    return higher;
}

int system_open(const char *path)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    return above_stderr((int)syscall(SYS_openat, AT_FDCWD, path, flags, 0));
}

int system_memory_file(void)
{
    return above_stderr((int)syscall(SYS_memfd_create, "pinshim-policy", MFD_CLOEXEC));
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

size_t system_groups(uint32_t *groups, size_t capacity)
{
    _Static_assert(sizeof(gid_t) == sizeof *groups, "groups are 32 bits wide");
    const long supplementary = syscall(CALL_GETGROUPS, 0, NULL);
    if (supplementary < 0)
        return 0;
    const size_t count = (size_t)supplementary + 1;
    if (count <= capacity) {
        groups[0] = (uint32_t)syscall(CALL_GETEGID);
        if (syscall(CALL_GETGROUPS, supplementary, groups + 1) != supplementary)
            return 0;
    }
    return count;
}

/* Where it can be, for reading, too; that of a FIFO can't meet a SIGPIPE. */
static int open_to_append(const char *path)
{
    const int flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW | O_LARGEFILE;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | flags, 0640);
    if (fd < 0 && errno == EACCES)
        fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | flags, 0640);
    return above_stderr(fd);
}

/* The size of a file whose last line has no end; 0: it has, or can't be read. */
static uint64_t torn_at(int fd)
{
    char last = '\n';
    struct file_facts file;
    if (!file_facts_of(fd, &file) || file.size == 0)
        return 0;
    const uint64_t at = file.size - 1; /* one argument, or two of half the width */
    return syscall(SYS_pread64, fd, &last, 1, (long)at, (long)(at >> 32)) == 1 && last != '\n' ? file.size
                                                                                               : 0;
}

/* A full disk takes the end of a line: the next one mustn't be spoilt with it. What another process is
 * writing at this moment looks the same, but not for long; should it be taken for torn, a line stays empty.
 */
static bool is_torn(int fd)
{
    enum { LOOKS = 4 };
    const uint64_t size = torn_at(fd);
    for (int i = 1; size && i < LOOKS; i++) {
        (void)syscall(SYS_sched_yield);
        if (torn_at(fd) != size)
            return false;
    }
    return size > 0;
}

/* EINTR comes before the first byte of a file is written, or not at all. */
static void append(int fd, const char *text, size_t length)
{
    while (syscall(SYS_write, fd, text, length) < 0 && errno == EINTR)
        ;
}

void system_append(const char *path, const char *line, size_t length)
{
    const int fd = open_to_append(path);
    if (fd < 0)
        return;
    if (is_torn(fd))
        append(fd, "\n", 1);
    append(fd, line, length);
    system_close(fd);
}

int system_socket(int type)
{
    return above_stderr((int)syscall(SYS_socket, AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

static bool send_datagram(int fd, const char *bytes, size_t length)
{
    return syscall(SYS_sendto, fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0) == (long)length;
}

bool system_datagram(const char *path, const char *bytes, size_t length, int patience)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct text text = text_over(address.sun_path, sizeof address.sun_path);
    text_add(&text, path);
    const int fd = text_end(&text) ? system_socket(SOCK_DGRAM) : -1;
    if (fd < 0)
        return false;
    bool taken = false;
    if (syscall(SYS_connect, fd, &address, sizeof address) == 0) {
        taken = send_datagram(fd, bytes, length);
        if (!taken && errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            const struct timespec limit = {.tv_sec = patience / 1000, .tv_nsec = patience % 1000 * 1000000L};
            taken = syscall(CALL_PPOLL, &ready, 1, &limit, NULL, 0) == 1 && send_datagram(fd, bytes, length);
        }
    }
    system_close(fd);
    return taken;
}

void system_log(enum system_priority priority, const char *line, size_t length)
{
    enum { FACILITY_USER = 1 };
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    char start[32];
    struct text text = text_over(start, sizeof start);
    text_add_char(&text, '<');
    text_add_number(&text, FACILITY_USER * 8 + priority, 1);
    text_add(&text, ">pinshim[");
    text_add_number(&text, system_pid(), 1);
    text_add(&text, "]: ");
    struct iovec parts[] = {{text.start, text.length}, {(void *)line, length}};
    const struct msghdr message = {
        .msg_name = &address, .msg_namelen = sizeof address, .msg_iov = parts, .msg_iovlen = 2};

    const int fd = system_socket(SOCK_DGRAM);
    if (fd < 0)
        return;
    (void)syscall(SYS_sendmsg, fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)syscall(SYS_close, fd);
}

bool system_stderr_is_terminal(void)
{
    struct termios settings;
    return syscall(SYS_ioctl, STDERR_FILENO, TCGETS, &settings) == 0;
}

void system_stderr(const char *text, size_t length)
{
    (void)syscall(SYS_write, STDERR_FILENO, text, length);
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

bool system_only_peer(struct address *address, unsigned *port)
{
    enum { MOST_DESCRIPTORS = 1024, GAP = 32 /* numbers in a row without a descriptor: no more follow */ };
    bool found = false;
    int missing = 0;
    for (int fd = 0; fd < MOST_DESCRIPTORS && missing < GAP; fd++) {
        struct address one;
        unsigned one_port;
        errno = 0;
        if (!system_peer(fd, &one, &one_port)) {
            missing = errno == EBADF ? missing + 1 : 0;
            continue;
        }
        missing = 0;
        if (found && !address_equal(address, &one))
            return false;
        *port = found && *port != one_port ? 0 : one_port;
        *address = one;
        found = true;
    }
    return found;
}

void system_discard(int fd)
{
    char bytes[4096];
    for (int i = 0; i < 32; i++)
        if (syscall(SYS_recvfrom, fd, bytes, sizeof bytes, MSG_DONTWAIT, NULL, NULL) <= 0)
            return;
}
