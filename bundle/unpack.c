#include "bundle/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool make_folders(int folder, const char *path)
{
    char parent[BUNDLE_PATH_SIZE];
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        (void)snprintf(parent, sizeof parent, "%.*s", (int)(slash - path), path);
        if (mkdirat(folder, parent, 0700) != 0 && errno != EEXIST)
            return false;
    }
    return true;
}

static bool write_all(int fd, const char *bytes, size_t left)
{
    while (left > 0) {
        const ssize_t written = write(fd, bytes, left);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            bytes += written;
            left -= (size_t)written;
        }
    }
    return true;
}

/* O_EXCL: what is there already is no file of this bundle's. */
static bool write_file(int folder, const struct bundle_file *file)
{
    const int fd =
        make_folders(folder, file->path)
            ? openat(folder, file->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)
            : -1;
    if (fd < 0)
        return false;
    const bool written = write_all(fd, file->text, file->length);
    const int error = errno;
    const bool closed = close(fd) == 0;
    if (!written)
        errno = error;
    return written && closed;
}

bool bundle_unpack(const struct bundle *bundle, int folder, char error[BUNDLE_ERROR_SIZE])
{
    for (size_t i = 0; i < bundle->file_count; i++)
        if (!bundle_path_is_clean(bundle->files[i].path) || !write_file(folder, &bundle->files[i])) {
            (void)snprintf(error, BUNDLE_ERROR_SIZE, "%s can't be written: %s", bundle->files[i].path,
                           strerror(errno));
            return false;
        }
    return true;
}

enum image_status bundle_compile(int folder, const struct compilation *compilation,
                                 struct diagnostics *diagnostics, struct image_header *header)
{
    struct compilation here = *compilation;
    enum image_status status = IMAGE_UNREADABLE;
    here.path = "pinshim.conf";
    if (fchdir(folder) == 0)
        status = image_make(&here, diagnostics, header);
    else
        diagnostics_add(diagnostics, SEVERITY_ERROR, here.path, 0, "%s", strerror(errno));
    if (chdir("/") != 0)
        diagnostics_add(diagnostics, SEVERITY_ERROR, "/", 0, "%s", strerror(errno));
    return status;
}
