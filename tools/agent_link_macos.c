#include "tools/agent_link.h"

#include "shim/agent_protocol.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/un.h>
#include <unistd.h>

int agent_link_open(int patience)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = AGENT_SOCKET};
    const struct timeval most = {.tv_sec = patience};
    const int on = 1, fd = socket(AF_UNIX, SOCK_STREAM, 0);
    uid_t user;
    gid_t group;
    if (fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) == 0 &&
        connect(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most) == 0 &&
        getpeereid(fd, &user, &group) == 0 && user == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

void agent_link_ask(int fd, const char *question, char *answer, size_t size)
{
    const size_t length = strlen(question);
    char packet[AGENT_ANSWER_SIZE + 2];
    if (send(fd, question, length, 0) != (ssize_t)length || send(fd, "\n", 1, 0) != 1)
        return;
    const ssize_t got = recv(fd, packet, sizeof packet, 0);
    if (got > 0 && packet[got - 1] == '\n' && (size_t)got <= size + 1)
        memcpy(answer, packet, (size_t)got - 1);
}
