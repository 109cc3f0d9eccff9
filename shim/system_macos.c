#include "shim/system.h"

#include "shim/text.h"

#include <crt_externs.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
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
    return (int64_t)(clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW_APPROX) / 1000000000);
}

uint64_t system_random(void)
{
    uint64_t bits;
    arc4random_buf(&bits, sizeof bits);
    return bits;
}

uint64_t system_pid(void)
{
    return (uint64_t)getpid();
}

uint64_t system_uid(void)
{
    return getuid();
}

void system_program(char *name, size_t size)
{
    char **arguments = *_NSGetArgv();
    const char *path = arguments && arguments[0] ? arguments[0] : "", *start = path;
    for (; *path; path++)
        if (*path == '/')
            start = path + 1;
    text_set(name, size, *start ? start : "?");
}

/* A descriptor the program can't take for its stdin, stdout or stderr, should it have closed one of those. */
static int above_stderr(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    const int higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    system_close(fd);
    return higher;
}

int system_open(const char *path)
{
    const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    return above_stderr(open(path, flags));
}

/* There is no file in memory that write(2) knows: one of the user's temporary folder, without a name. */
int system_memory_file(void)
{
    char folder[PATH_MAX], path[PATH_MAX];
    const size_t length = confstr(_CS_DARWIN_USER_TEMP_DIR, folder, sizeof folder);
    if (length == 0 || length > sizeof folder)
        return -1;
    struct text text = text_over(path, sizeof path);
    text_add(&text, folder); /* ends with a slash */
    text_add(&text, "pinshim-policy-");
    text_add_hex64(&text, system_random());
    if (!text_end(&text))
        return -1;
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0)
        (void)unlink(path);
    return above_stderr(fd);
}

void system_close(int fd)
{
    (void)close(fd);
}

bool system_path(int fd, char *path, size_t size)
{
    char whole[PATH_MAX]; /* fcntl asks for no size */
    if (fcntl(fd, F_GETPATH, whole) != 0)
        return false;
    struct text text = text_over(path, size);
    text_add(&text, whole);
    return text_end(&text) && text.length > 1;
}

const char *system_variable(const char *name)
{
    return issetugid() ? NULL : getenv(name);
}

size_t system_groups(uint32_t *groups, size_t capacity)
{
    _Static_assert(sizeof(gid_t) == sizeof *groups, "groups are 32 bits wide");
    const int supplementary = getgroups(0, NULL);
    if (supplementary < 0)
        return 0;
    const size_t count = (size_t)supplementary + 1;
    if (count <= capacity) {
        groups[0] = getegid();
        if (getgroups(supplementary, groups + 1) != supplementary)
            return 0;
    }
    return count;
}

/* Where it can be, for reading, too; that of a FIFO can't meet a SIGPIPE. */
static int open_to_append(const char *path)
{
    const int flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
    int fd = open(path, O_RDWR | flags, 0640);
    if (fd < 0 && errno == EACCES)
        fd = open(path, O_WRONLY | flags, 0640);
    return above_stderr(fd);
}

/* The size of a file whose last line has no end; 0: it has, or can't be read. */
static off_t torn_at(int fd)
{
    char last = '\n';
    const off_t size = lseek(fd, 0, SEEK_END);
    return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n' ? size : 0;
}

/* A full disk takes the end of a line: the next one mustn't be spoilt with it. What another process is
 * writing at this moment looks the same, but not for long; should it be taken for torn, a line stays empty.
 */
static bool is_torn(int fd)
{
    enum { LOOKS = 4 };
    const off_t size = torn_at(fd);
    for (int i = 1; size && i < LOOKS; i++) {
        (void)sched_yield();
        if (torn_at(fd) != size)
            return false;
    }
    return size > 0;
}

/* EINTR comes before the first byte of a file is written, or not at all. */
static void append(int fd, const char *text, size_t length)
{
    while (write(fd, text, length) < 0 && errno == EINTR)
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

/* No SIGPIPE comes of it. */
int system_socket(int type)
{
    const int on = 1, fd = above_stderr(socket(AF_UNIX, type, 0));
    if (fd < 0)
        return -1;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) == 0)
        return fd;
    system_close(fd);
    return -1;
}

static bool send_datagram(int fd, const char *bytes, size_t length)
{
    return send(fd, bytes, length, MSG_DONTWAIT) == (ssize_t)length;
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
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        taken = send_datagram(fd, bytes, length);
        if (!taken && errno == ENOBUFS) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            taken = poll(&ready, 1, patience) == 1 && send_datagram(fd, bytes, length);
        }
    }
    system_close(fd);
    return taken;
}

void system_log(enum system_priority priority, const char *line, size_t length)
{
    enum { FACILITY_USER = 1 };
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/var/run/syslog"};
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
    (void)sendmsg(fd, &message, MSG_DONTWAIT);
    (void)close(fd);
}

bool system_stderr_is_terminal(void)
{
    return isatty(STDERR_FILENO);
}

void system_stderr(const char *text, size_t length)
{
    (void)!write(STDERR_FILENO, text, length);
}

bool system_peer(int fd, struct address *address, unsigned *port)
{
    struct sockaddr_in6 peer; /* the larger one of the two */
    socklen_t size = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
           size >= (socklen_t)sizeof(struct sockaddr_in) &&
           (peer.sin6_family != AF_INET6 || size == sizeof peer) && address_from_socket(address, port, &peer);
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
        if (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) <= 0)
            return;
}
