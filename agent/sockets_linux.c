#include "agent/sockets.h"

#include <sys/socket.h>
#include <unistd.h>

int socket_new(enum socket_use use)
{
    const int type = use == SOCKET_EVENTS ? SOCK_DGRAM : SOCK_SEQPACKET, on = 1;
    const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || use != SOCKET_EVENTS || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) == 0)
        return fd;
    close(fd);
    return -1;
}

int socket_accept(int listener)
{
    return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

bool socket_peer(int fd, struct peer *peer)
{
    struct ucred user;
    socklen_t size = sizeof user;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &size) != 0)
        return false;
    *peer = (struct peer){.user = user.uid, .process = user.pid};
    return true;
}
