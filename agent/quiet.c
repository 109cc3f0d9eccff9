#include "agent/quiet.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

bool quiet_descriptor(int fd)
{
    return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0;
}

bool pair_prepare(int ends[2], bool (*prepare)(int end))
{
    if (prepare(ends[0]) && prepare(ends[1]))
        return true;
    const int error = errno;
    close(ends[0]);
    close(ends[1]);
    errno = error;
    return false;
}

bool quiet_pipe(int ends[2])
{
    return pipe(ends) == 0 && pair_prepare(ends, quiet_descriptor);
}
