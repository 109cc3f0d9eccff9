#include "agent/event_settings.h"

#include "config/file_facts.h"
#include "config/image.h"
#include "shim/policy_source.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Empty where there is none. */
static void take_text(const struct image *image, enum image_key key, char *text, size_t size)
{
    const uint8_t *value;
    size_t length;
    text[0] = '\0';
    if (image_find_kind(image, key, &value, &length) == IMAGE_FOUND && length > 0 && length <= size &&
        value[length - 1] == '\0')
        memcpy(text, value, length);
}

static void take(struct event_settings *settings, const struct image *image)
{
    settings->syslog = image->header.syslog;
    take_text(image, IMAGE_KEY_EVENTS_FILE, settings->file, sizeof settings->file);
    take_text(image, IMAGE_KEY_REPORT_URL, settings->report_url, sizeof settings->report_url);
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
