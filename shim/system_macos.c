#include "shim/system.h"

#include "shim/system_call.h"
#include "shim/text.h"

#include <crt_externs.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

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
    return system_above_stderr(fd);
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

bool system_hides_groups(const uint32_t *groups, size_t count)
{
    (void)groups, (void)count;
    return false;
}

const char *system_variable(const char *name)
{
    return issetugid() ? NULL : getenv(name);
}

int call_open(const char *path, int flags)
{
    return open(path, flags | O_CLOEXEC, 0640);
}

int call_duplicate(int fd, int least)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, least);
}

long call_write(int fd, const char *bytes, size_t length)
{
    return write(fd, bytes, length);
}

long call_read_at(int fd, char *bytes, size_t length, uint64_t at)
{
    return pread(fd, bytes, length, (off_t)at);
}

void call_yield(void)
{
    (void)sched_yield();
}

uint64_t call_file_limit(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 ? limit.rlim_cur : UINT64_MAX;
}

uint32_t call_effective_group(void)
{
    return getegid();
}

int call_groups(int capacity, uint32_t *groups)
{
    _Static_assert(sizeof(gid_t) == sizeof *groups, "groups are 32 bits wide");
    return getgroups(capacity, groups);
}

/* No SIGPIPE comes of it. */
int system_socket(int type)
{
    const int on = 1, fd = system_above_stderr(socket(AF_UNIX, type, 0));
    if (fd < 0)
        return -1;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) == 0)
        return fd;
    system_close(fd);
    return -1;
}

const struct sockaddr_un call_log_address = {.sun_family = AF_UNIX, .sun_path = "/var/run/syslog"};

void call_send_to(int fd, const struct msghdr *message)
{
    (void)sendmsg(fd, message, MSG_DONTWAIT);
}

long call_receive(int fd, char *bytes, size_t size)
{
    return recv(fd, bytes, size, MSG_DONTWAIT);
}

bool system_stderr_is_terminal(void)
{
    return isatty(STDERR_FILENO);
}

bool system_peer(int fd, struct address *address, unsigned *port)
{
    struct sockaddr_in6 peer; /* the larger one of the two */
    socklen_t size = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &size) == 0 &&
           size >= (socklen_t)sizeof(struct sockaddr_in) &&
           (peer.sin6_family != AF_INET6 || size == sizeof peer) && address_from_socket(address, port, &peer);
}
