#include "agent/report_queue.h"

#include "agent/event_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static const char *name_of(const char *folder, const char *name, char path[PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%s/%s", folder, name);
    return path;
}

bool report_queue_add(const char *folder, const char *line, size_t length)
{
    char path[PATH_MAX];
    struct event_file file;
    if (!event_file_open(&file, name_of(folder, "next", path), REPORT_BATCH))
        return false;
    const bool room = file.size + (off_t)length < REPORT_BATCH; /* it would be rotated */
    const bool added = room && event_file_append(&file, line, length);
    const int error = room ? errno : ENOSPC;
    event_file_close(&file);
    errno = error;
    return added;
}

int report_queue_take(const char *folder)
{
    char sending[PATH_MAX], next[PATH_MAX];
    (void)name_of(folder, "sending", sending);
    if (access(sending, F_OK) != 0 && rename(name_of(folder, "next", next), sending) != 0)
        return -1;
    return open(sending, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

void report_queue_done(const char *folder)
{
    char sending[PATH_MAX];
    (void)unlink(name_of(folder, "sending", sending));
}
