#include "agent/sockets.h"

#include "tools/report.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool listens(int fd)
{
    enum { BACKLOG = 128 };
    int type;
    socklen_t size = sizeof type;
    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           (type == SOCK_DGRAM || listen(fd, BACKLOG) == 0);
}

int socket_open(const char *path, enum socket_use use)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    (void)unlink(path); /* an earlier process's, which the lock says is gone */
    const int fd = socket_new(use);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && chmod(path, 0666) == 0 &&
        listens(fd))
        return fd;
    report_error("%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}
