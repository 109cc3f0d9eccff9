/* By syscall(2), as shim/system_linux.c. */
#include "shim/agent_socket.h"

#include "config/call_linux.h"
#include "shim/agent_protocol.h"
#include "shim/system.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int agent_socket_open(void)
{
    return system_socket(SOCK_SEQPACKET);
}

bool agent_socket_connect(int fd)
{
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = AGENT_SOCKET};
    return syscall(SYS_connect, fd, &address, sizeof address) == 0;
}

bool agent_socket_is_roots(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && size == sizeof peer &&
           peer.uid == 0;
}

bool agent_socket_send(int fd, const char *bytes, size_t length)
{
    return syscall(SYS_sendto, fd, bytes, length, MSG_NOSIGNAL, NULL, 0) == (long)length;
}

long agent_socket_receive(int fd, char *bytes, size_t size)
{
    return syscall(SYS_recvfrom, fd, bytes, size, MSG_DONTWAIT, NULL, NULL);
}

int agent_socket_wait(int fd, const struct timespec *most)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    struct timespec left = *most; /* the kernel writes to it */
    return (int)syscall(CALL_PPOLL, fd < 0 ? NULL : &ready, fd < 0 ? 0 : 1, &left, NULL, 0);
}

static bool send_datagram(int fd, const char *bytes, size_t length)
{
    return syscall(SYS_sendto, fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT, NULL, 0) == (long)length;
}

bool agent_socket_tell(const char *line, size_t length, int patience)
{
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = AGENT_EVENTS_SOCKET};
    const int fd = system_socket(SOCK_DGRAM);
    if (fd < 0)
        return false;
    bool taken = false;
    if (syscall(SYS_connect, fd, &address, sizeof address) == 0) {
        taken = send_datagram(fd, line, length);
        if (!taken && errno == EAGAIN) {
            struct pollfd ready = {.fd = fd, .events = POLLOUT};
            const struct timespec limit = {.tv_sec = patience / 1000, .tv_nsec = patience % 1000 * 1000000L};
            taken = syscall(CALL_PPOLL, &ready, 1, &limit, NULL, 0) == 1 && send_datagram(fd, line, length);
        }
    }
    system_close(fd);
    return taken;
}
