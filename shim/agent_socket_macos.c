/* macOS has no SOCK_SEQPACKET for Unix sockets: a stream, on which one packet each way is what is sent before
 * the other side answers or hangs up. */
#include "shim/agent_socket.h"

#include "shim/agent_protocol.h"
#include "shim/system.h"

#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int agent_socket_open(void)
{
    return system_socket(SOCK_STREAM);
}

bool agent_socket_connect(int fd)
{
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = AGENT_SOCKET};
    return connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
}

bool agent_socket_is_roots(int fd)
{
    uid_t user;
    gid_t group;
    return getpeereid(fd, &user, &group) == 0 && user == 0;
}

bool agent_socket_send(int fd, const char *bytes, size_t length)
{
    return send(fd, bytes, length, 0) == (ssize_t)length; /* no SIGPIPE: system_socket */
}

long agent_socket_receive(int fd, char *bytes, size_t size)
{
    return recv(fd, bytes, size, MSG_DONTWAIT);
}

int agent_socket_wait(int fd, const struct timespec *most)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    const int64_t milliseconds = most->tv_sec * INT64_C(1000) + most->tv_nsec / 1000000;
    return poll(fd < 0 ? NULL : &ready, fd < 0 ? 0 : 1, milliseconds > 60000 ? 60000 : (int)milliseconds);
}
