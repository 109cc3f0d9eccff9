#include "agent/self.h"

#include <limits.h>
#include <mach-o/dyld.h>
#include <stdint.h>
#include <unistd.h>

void self_run(char *const arguments[])
{
    char path[PATH_MAX];
    uint32_t size = sizeof path;
    if (_NSGetExecutablePath(path, &size) == 0)
        (void)execv(path, arguments);
}

/* SIGALRM, which outlives execve(2) and ends a process that knows nothing of it. */
bool self_bound(unsigned seconds)
{
    (void)alarm(seconds);
    return true;
}
