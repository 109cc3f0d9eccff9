#include "agent/event_settings.h"

#include "config/file_facts.h"
#include "config/image.h"
#include "shim/policy_source.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void take(struct event_settings *settings, const struct image *image)
{
    const uint8_t *path;
    size_t size;
    settings->syslog = image->header.syslog;
    settings->file[0] = '\0';
    if (image_find_kind(image, IMAGE_KEY_EVENTS_FILE, &path, &size) == IMAGE_FOUND && size > 0 &&
        size <= sizeof settings->file && path[size - 1] == '\0')
        memcpy(settings->file, path, size);
}

bool event_settings_look(struct event_settings *settings)
{
    struct image image;
    const uint64_t stamp = file_stamp(POLICY_INSTALLED);
    if (stamp == 0 || stamp == settings->stamp)
        return false;
    settings->stamp = stamp;
    const int fd = open(POLICY_INSTALLED, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    const bool opened = fd >= 0 && image_open(&image, fd) == IMAGE_OK;
    if (fd >= 0)
        (void)close(fd);
    if (!opened)
        return false;
    take(settings, &image);
    image_close(&image);
    return true;
}
