#include "shim/system.h"

#include "config/file_facts.h"
#include "shim/system_call.h"
#include "shim/text.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

int64_t system_time(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

int system_above_stderr(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    const int higher = call_duplicate(fd, STDERR_FILENO + 1);
    system_close(fd);
    return higher;
}

int system_open(const char *path)
{
    return system_above_stderr(call_open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK));
}

size_t system_groups(uint32_t *groups, size_t capacity)
{
    const int supplementary = call_groups(0, NULL);
    if (supplementary < 0)
        return 0;
    const size_t count = (size_t)supplementary + 1;
    if (count <= capacity) {
        groups[0] = call_effective_group();
        if (call_groups(supplementary, groups + 1) != supplementary)
            return 0;
    }
    return count;
}

/* Where it can be, for reading, too; that of a FIFO can't meet a SIGPIPE. */
static int open_to_append(const char *path)
{
    const int flags = O_APPEND | O_CREAT | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW;
    int fd = call_open(path, O_RDWR | flags);
    if (fd < 0 && errno == EACCES)
        fd = call_open(path, O_WRONLY | flags);
    return system_above_stderr(fd);
}

/* The size of a file whose last line has no end; 0: it has, or can't be read. */
static uint64_t torn_at(int fd)
{
    char last = '\n';
    struct file_facts file;
    if (!file_facts_of(fd, &file) || file.size == 0)
        return 0;
    return call_read_at(fd, &last, 1, file.size - 1) == 1 && last != '\n' ? file.size : 0;
}

/* A full disk takes the end of a line: the next one mustn't be spoilt with it. What another process is
 * writing at this moment looks the same, but not for long; should it be taken for torn, a line stays empty.
 */
static bool is_torn(int fd)
{
    enum { LOOKS = 4 };
    const uint64_t size = torn_at(fd);
    for (int i = 1; size && i < LOOKS; i++) {
        call_yield();
        if (torn_at(fd) != size)
            return false;
    }
    return size > 0;
}

/* False where the process may not make the file that long: to try would end the program. */
static bool has_room(int fd, size_t length)
{
    struct file_facts file;
    const uint64_t limit = call_file_limit();
    return !file_facts_of(fd, &file) || !file.regular || (length <= limit && file.size <= limit - length);
}

/* EINTR comes before the first byte of a file is written, or not at all. */
static void append(int fd, const char *text, size_t length)
{
    while (call_write(fd, text, length) < 0 && errno == EINTR)
        ;
}

void system_append(const char *path, const char *line, size_t length)
{
    const int fd = open_to_append(path);
    if (fd < 0)
        return;
    const bool torn = is_torn(fd);
    if (has_room(fd, length + torn)) {
        if (torn)
            append(fd, "\n", 1);
        append(fd, line, length);
    }
    system_close(fd);
}

void system_log(enum system_priority priority, const char *line, size_t length)
{
    enum { FACILITY_USER = 1 };
    char start[32];
    struct text text = text_over(start, sizeof start);
    text_add_char(&text, '<');
    text_add_number(&text, FACILITY_USER * 8 + priority, 1);
    text_add(&text, ">pinshim[");
    text_add_number(&text, system_pid(), 1);
    text_add(&text, "]: ");
    struct iovec parts[] = {{text.start, text.length}, {(void *)line, length}};
    const struct msghdr message = {.msg_name = (void *)&call_log_address,
                                   .msg_namelen = sizeof call_log_address,
                                   .msg_iov = parts,
                                   .msg_iovlen = 2};

    const int fd = system_socket(SOCK_DGRAM);
    if (fd < 0)
        return;
    call_send_to(fd, &message);
    system_close(fd);
}

void system_stderr(const char *text, size_t length)
{
    (void)!call_write(STDERR_FILENO, text, length);
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
        if (call_receive(fd, bytes, sizeof bytes) <= 0)
            return;
}
