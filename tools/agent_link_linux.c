#include "tools/agent_link.h"

#include "shim/agent_protocol.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

int agent_link_open(int patience)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = AGENT_SOCKET};
    const struct timeval most = {.tv_sec = patience};
    struct ucred peer;
    socklen_t size = sizeof peer;
    const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) == 0 && /* a full queue, too */
        connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

void agent_link_ask(int fd, const char *question, char *answer, size_t size)
{
    if (send(fd, question, strlen(question), MSG_NOSIGNAL) > 0)
        (void)!recv(fd, answer, size, 0);
}
