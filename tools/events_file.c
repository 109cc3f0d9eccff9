#include "tools/events_file.h"

#include "config/compile.h"
#include "config/image.h"
#include "shim/policy_source.h"
#include "tools/policy_file.h"
#include "tools/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* False: the diagnostics have been reported. Warnings are for `pinshim check` to tell. */
static bool compile_text(const char *path, int image_fd)
{
    const struct compilation compilation = {
        .path = path, .use = POLICY_TO_OBEY, .image_fd = image_fd, .files_fd = -1};
    struct diagnostics diagnostics = {0};
    const bool compiled = policy_compile(&compilation, &diagnostics);
    if (!compiled)
        report_diagnostics(&diagnostics);
    diagnostics_free(&diagnostics);
    return compiled;
}

static bool open_text(const char *path, struct image *image)
{
    const int fd = memfd_create("policy", MFD_CLOEXEC);
    bool opened = false;
    if (fd < 0)
        report_error("%s: no memory for the policy: %s", path, strerror(errno));
    else if (compile_text(path, fd)) {
        opened = image_open(image, fd) == IMAGE_OK;
        if (!opened)
            report_error("%s: the policy was compiled to a damaged image", path);
    }
    if (fd >= 0)
        close(fd);
    return opened;
}

/* IMAGE_UNREADABLE: errno says why. */
static enum image_status open_image(const char *path, struct image *image)
{
    struct stat facts;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return IMAGE_UNREADABLE;
    const bool regular = fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode);
    const enum image_status status = regular ? image_open(image, fd) : IMAGE_UNREADABLE;
    const int error = regular ? errno : S_ISDIR(facts.st_mode) ? EISDIR : EINVAL;
    close(fd);
    errno = error;
    return status;
}

/* As a process under the shim does it: where an image is damaged, the one before it. */
static bool open_policy(const char *path, struct image *image)
{
    char before[PATH_MAX];
    const enum image_status status = open_image(path, image);
    switch (status) {
    case IMAGE_OK:
        return true;
    case IMAGE_NOT_IMAGE:
        return open_text(path, image);
    case IMAGE_UNREADABLE:
        report_error("%s: %s", path, strerror(errno));
        return false;
    default:
        break;
    }
    if (snprintf(before, sizeof before, "%s~", path) < (int)sizeof before &&
        open_image(before, image) == IMAGE_OK) {
        report_warning("%s: the image %s: the one before it is used", path, image_status_text(status));
        return true;
    }
    report_error("%s: the image %s", path, image_status_text(status));
    return false;
}

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
    const char *policy = config;
    struct image image;
    if (!policy && !policy_file_named(&policy, NULL))
        return false;
    if (!policy && access(POLICY_INSTALLED, F_OK) != 0 && errno == ENOENT) {
        report_error("no policy: --config and PINSHIM_CONFIG name none, and none is installed at %s",
                     POLICY_INSTALLED);
        return false;
    }
    if (!policy)
        policy = POLICY_INSTALLED;
    if (!open_policy(policy, &image))
        return false;
    const bool found = read_record(policy, &image, path);
    image_close(&image);
    return found;
}
