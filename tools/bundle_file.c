#include "tools/bundle_file.h"

#include "tools/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A byte more than a bundle may have, at most. False with errno. */
static bool read_bounded(int fd, struct bundle_bytes *bytes)
{
    const size_t limit = BUNDLE_SIZE_LIMIT + 1;
    ssize_t got = 1;
    bytes->bytes = malloc(limit);
    while (bytes->bytes && got > 0 && bytes->size < limit) {
        got = read(fd, bytes->bytes + bytes->size, limit - bytes->size);
        bytes->size += got > 0 ? (size_t)got : 0;
    }
    return bytes->bytes && got >= 0;
}

static const char *open_envelope(const char *path, struct bundle_bytes *bytes, struct envelope *envelope)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return strerror(errno);
    const char *fault = read_bounded(fd, bytes) ? NULL : strerror(errno);
    close(fd);
    return fault ? fault : envelope_read(envelope, bytes->bytes, bytes->size);
}

bool bundle_file_open(const char *path, struct bundle_bytes *bytes, struct envelope *envelope)
{
    *bytes = (struct bundle_bytes){0};
    const char *fault = open_envelope(path, bytes, envelope);
    if (!fault)
        return true;
    report_error("%s: %s", path, fault);
    free(bytes->bytes);
    return false;
}

bool bundle_file_payload(const char *path, const struct envelope *envelope, struct bundle *bundle)
{
    char error[BUNDLE_ERROR_SIZE];
    if (payload_read(bundle, envelope->payload, envelope->payload_size, error))
        return true;
    report_error("%s: %s", path, error);
    return false;
}

static bool write_next(int fd, const struct envelope *envelope)
{
    FILE *stream = fdopen(fd, "w");
    if (!stream) {
        close(fd);
        return false;
    }
    const bool written = envelope_write(envelope, stream) && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
    const int error = errno;
    const bool closed = fclose(stream) == 0;
    if (!written)
        errno = error;
    return written && closed;
}

bool bundle_file_write(const char *path, const struct envelope *envelope)
{
    char next[PATH_MAX];
    const int length = snprintf(next, sizeof next, "%s.XXXXXX", path);
    errno = ENAMETOOLONG;
    const int fd = length < (int)sizeof next ? mkostemp(next, O_CLOEXEC) : -1;
    const bool written = fd >= 0 && write_next(fd, envelope) && rename(next, path) == 0;
    if (!written) {
        report_error("%s: %s", path, strerror(errno));
        if (fd >= 0)
            unlink(next);
    }
    return written;
}
