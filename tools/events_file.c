#include "tools/events_file.h"

#include "tools/policy_image.h"
#include "tools/report.h"

#include <string.h>

/* False, reported: it names none. */
static bool read_record(const char *policy, const struct image *image, char path[PATH_MAX])
{
    const uint8_t *value;
    size_t length;
    switch (image_find_kind(image, IMAGE_KEY_EVENTS_FILE, &value, &length)) {
    case IMAGE_FOUND:
        if (length == 0 || length > PATH_MAX || value[length - 1] != '\0')
            break;
        memcpy(path, value, length);
        return true;
    case IMAGE_ABSENT:
        if (image->header.syslog)
            report_error("%s: no events.file: events go to the system's log: journalctl -t pinshim", policy);
        else
            report_error("%s: neither events.file nor events.syslog: events go nowhere", policy);
        return false;
    case IMAGE_FIND_DAMAGED:
        break;
    }
    report_error("%s: the image %s", policy, image_status_text(IMAGE_DAMAGED));
    return false;
}

bool events_file_find(const char *config, char path[PATH_MAX])
{
    struct policy_image policy;
    if (!policy_image_open(config, &policy))
        return false;
    const bool found = read_record(policy.path, &policy.image, path);
    image_close(&policy.image);
    return found;
}
