#include "agent/event_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool name_of(const char *path, unsigned number, char name[PATH_MAX])
{
    const int length =
        number ? snprintf(name, PATH_MAX, "%s.%u", path, number) : snprintf(name, PATH_MAX, "%s", path);
    return length < PATH_MAX;
}

/* Each file goes up a place, and the oldest one goes. */
static bool shift(const char *path)
{
    for (unsigned number = EVENT_FILES_KEPT; number > 0; number--) {
        char from[PATH_MAX], to[PATH_MAX];
        if (!name_of(path, number - 1, from) || !name_of(path, number, to) ||
            (rename(from, to) != 0 && errno != ENOENT))
            return false;
    }
    return true;
}

static int open_to_append(const char *path)
{
    return open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW, 0640);
}

bool event_file_open(struct event_file *file, const char *path, off_t most)
{
    struct stat status;
    *file = (struct event_file){.path = path, .most = most};
    file->fd = open_to_append(path);
    /* Root's own, of a program whose event found no agent: in the agent's folder it makes room. */
    if (file->fd < 0 && errno == EACCES && shift(path))
        file->fd = open_to_append(path);
    if (file->fd < 0)
        return false;
    if (fstat(file->fd, &status) == 0 && S_ISREG(status.st_mode)) {
        file->size = status.st_size;
        return true;
    }
    event_file_close(file);
    errno = EINVAL;
    return false;
}

void event_file_close(struct event_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    file->fd = -1;
}

/* Where one can't be moved, the file grows on. */
static bool rotate(struct event_file *file)
{
    const char *path = file->path;
    const off_t most = file->most;
    if (!shift(path))
        return true;
    event_file_close(file);
    return event_file_open(file, path, most);
}

/* A full disk has taken the end of a line; the next one must not be spoilt with it. */
static bool is_torn(const struct event_file *file)
{
    char last = '\n';
    return file->size > 0 && pread(file->fd, &last, 1, file->size - 1) == 1 && last != '\n';
}

bool event_file_append(struct event_file *file, const char *line, size_t length)
{
    if (file->size > 0 && file->size + (off_t)length > file->most && !rotate(file))
        return false;
    if (is_torn(file) && write(file->fd, "\n", 1) == 1)
        file->size++;
    const ssize_t written = write(file->fd, line, length);
    if (written > 0)
        file->size += written;
    if (written >= 0 && (size_t)written < length)
        errno = ENOSPC;
    return written == (ssize_t)length;
}
