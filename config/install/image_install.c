#include "config/install/image_install.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static enum image_status verify(int fd, struct image_header *header)
{
    struct image image;
    enum image_status status = image_open(&image, fd);
    if (status == IMAGE_OK) {
        *header = image.header;
        status = image_verify(&image);
        image_close(&image);
    }
    return status;
}

enum image_status image_make(const struct compilation *compilation, struct diagnostics *diagnostics,
                             struct image_header *header)
{
    return policy_compile(compilation, diagnostics) ? verify(compilation->image_fd, header) : IMAGE_DAMAGED;
}

/* A damaged image is not worth keeping: IMAGE~ may hold a sound one. */
static bool worth_keeping(const char *path)
{
    struct image_header header;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    const bool sound = verify(fd, &header) == IMAGE_OK;
    close(fd);
    return sound;
}

/* The old image gets a second name, so that there is never a moment without one under its own. */
static bool keep_before(const struct image_place *place)
{
    if (!worth_keeping(place->image))
        return true;
    unlink(place->spare);
    const bool kept = link(place->image, place->spare) == 0 && rename(place->spare, place->before) == 0;
    const int error = errno;
    unlink(place->spare); /* still there where IMAGE~ was this very file: rename(2) does nothing then */
    errno = error;
    return kept;
}

static bool sync_folder(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && fsync(fd) == 0;
    const int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return synced;
}

static bool put(const struct image_place *place, int fd, const char **culprit)
{
    *culprit = place->next;
    if (fchmod(fd, 0644) != 0 || fsync(fd) != 0)
        return false;
    *culprit = place->before;
    if (!keep_before(place))
        return false;
    *culprit = place->image;
    return rename(place->next, place->image) == 0;
}

bool image_put(const struct image_place *place, int fd, const char **culprit)
{
    if (!put(place, fd, culprit)) {
        const int error = errno;
        unlink(place->next);
        errno = error;
        return false;
    }
    *culprit = place->folder;
    return sync_folder(place->folder);
}
