/* macOS has no SOCK_SEQPACKET for Unix sockets, and its datagrams don't tell who sent them: streams, on which
 * a packet is some bytes without a newline, and a newline. */
#include "shim/agent_socket.h"

#include "shim/agent_protocol.h"
#include "shim/system.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
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

/* No SIGPIPE: system_socket. */
static bool send_all(int fd, const char *bytes, size_t length)
{
    return send(fd, bytes, length, 0) == (ssize_t)length;
}

bool agent_socket_send(int fd, const char *bytes, size_t length)
{
    char packet[AGENT_REQUEST_SIZE + 1];
    if (length > AGENT_REQUEST_SIZE)
        return false;
    memcpy(packet, bytes, length);
    packet[length] = '\n';
    return send_all(fd, packet, length + 1);
}

long agent_socket_receive(int fd, char *bytes, size_t size)
{
    const ssize_t length = recv(fd, bytes, size, MSG_DONTWAIT);
    return length > 0 && bytes[length - 1] == '\n' ? length - 1 : -1;
}

int agent_socket_wait(int fd, const struct timespec *most)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    const int64_t milliseconds = most->tv_sec * INT64_C(1000) + most->tv_nsec / 1000000;
    return poll(fd < 0 ? NULL : &ready, fd < 0 ? 0 : 1, milliseconds > 60000 ? 60000 : (int)milliseconds);
}

/* An empty packet says that the agent has it. The program's signals come here, too. */
static bool is_answered(int fd, int patience)
{
    enum { SIGNALS = 8 };
    const struct timespec most = {.tv_sec = patience / 1000, .tv_nsec = patience % 1000 * 1000000L};
    char packet[2];
    int ready = -1;
    for (int i = 0; ready < 0 && i < SIGNALS; i++) {
        ready = agent_socket_wait(fd, &most);
        if (ready < 0 && errno != EINTR)
            return false;
    }
    return ready > 0 && agent_socket_receive(fd, packet, sizeof packet) == 0;
}

bool agent_socket_tell(const char *line, size_t length, int patience)
{
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = AGENT_EVENTS_SOCKET};
    const int fd = agent_socket_open();
    if (fd < 0)
        return false;
    const bool taken = connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
                       send_all(fd, line, length) && is_answered(fd, patience);
    system_close(fd);
    return taken;
}
