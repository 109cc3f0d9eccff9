#include "agent/sockets.h"

#include "tools/report.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int socket_open(const char *path, int type)
{
    enum { BACKLOG = 128 };
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    (void)unlink(path); /* an earlier process's, which the lock says is gone */
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && chmod(path, 0666) == 0 &&
        (type == SOCK_DGRAM || listen(fd, BACKLOG) == 0))
        return fd;
    report_error("%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}
