#include "agent/sockets.h"

#include "agent/quiet.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* `fd`, or -1 where it can't be made so. */
static int quiet(int fd)
{
    if (fd < 0 || quiet_descriptor(fd))
        return fd;
    close(fd);
    return -1;
}

int socket_new(enum socket_use use)
{
    (void)use;
    return quiet(socket(AF_UNIX, SOCK_STREAM, 0));
}

int socket_accept(int listener)
{
    return quiet(accept(listener, NULL, NULL));
}

/* The user who connected; the process that used its end last, which is to be told as long as that is open. */
bool socket_peer(int fd, struct peer *peer)
{
    gid_t group;
    socklen_t size = sizeof peer->process;
    return getpeereid(fd, &peer->user, &group) == 0 &&
           getsockopt(fd, SOL_LOCAL, LOCAL_PEERPID, &peer->process, &size) == 0;
}
