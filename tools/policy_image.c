#include "tools/policy_image.h"

#include "config/compile.h"
#include "shim/policy_source.h"
#include "shim/system.h"
#include "tools/policy_file.h"
#include "tools/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Errors are reported; warnings are for `pinshim check`. */
static bool compile(const char *path, struct image *image)
{
    struct diagnostics diagnostics = {0};
    const int fd = system_memory_file();
    const struct compilation compilation = {
        .path = path, .use = POLICY_TO_OBEY, .image_fd = fd, .files_fd = -1};
    bool compiled = fd >= 0 && policy_compile(&compilation, &diagnostics);
    if (!compiled)
        report_diagnostics(&diagnostics);
    diagnostics_free(&diagnostics);
    const enum image_status status = compiled ? image_open(image, fd) : IMAGE_OK;
    if (fd < 0)
        report_error("%s: %s", path, strerror(errno));
    else
        close(fd);
    if (status != IMAGE_OK)
        report_error("%s: what was compiled %s", path, image_status_text(status));
    return compiled && status == IMAGE_OK;
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

/* In place of an image that can't be used, what a process would take. */
static bool open_before(const char *path, enum image_status status, struct image *image)
{
    char before[PATH_MAX];
    if (snprintf(before, sizeof before, "%s~", path) < (int)sizeof before &&
        open_image(before, image) == IMAGE_OK) {
        report_warning("%s: the image %s: the one before it is used", path, image_status_text(status));
        return true;
    }
    report_error("%s: the image %s", path, image_status_text(status));
    return false;
}

bool policy_image_open(const char *config, struct policy_image *policy)
{
    *policy = (struct policy_image){.path = config};
    if (!config && !policy_file_named(&policy->path, &policy->report))
        return false;
    const bool named = policy->path != NULL;
    if (!named)
        policy->path = POLICY_INSTALLED;
    const enum image_status status = open_image(policy->path, &policy->image);
    if (status == IMAGE_OK)
        return true;
    if (status == IMAGE_NOT_IMAGE && named)
        return compile(policy->path, &policy->image);
    if (status != IMAGE_UNREADABLE)
        return open_before(policy->path, status, &policy->image);
    if (!named && errno == ENOENT)
        report_error("no policy: --config and PINSHIM_CONFIG name none, and none is installed at %s",
                     POLICY_INSTALLED);
    else
        report_error("%s: %s", policy->path, strerror(errno));
    return false;
}
