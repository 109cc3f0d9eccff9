#include "agent/quiet.h"

#include <fcntl.h>
#include <unistd.h>

bool quiet_descriptor(int fd)
{
    return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

bool quiet_pipe(int ends[2])
{
    if (pipe(ends) != 0)
        return false;
    if (quiet_descriptor(ends[0]) && quiet_descriptor(ends[1]))
        return true;
    close(ends[0]);
    close(ends[1]);
    return false;
}
