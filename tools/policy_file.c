#include "tools/policy_file.h"

#include "config/compile.h"
#include "shim/policy_source.h"
#include "tools/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool policy_file_named(const char **path, bool *report)
{
    const size_t prefix = sizeof POLICY_REPORT_PREFIX - 1;
    const char *named = getenv("PINSHIM_CONFIG");
    *path = named && named[0] ? named : NULL;
    if (*path && strncmp(named, POLICY_REPORT_PREFIX, prefix) == 0) {
        *path += prefix;
        if (report)
            *report = true;
    }
    if (!*path || **path == '/')
        return true;
    report_error("PINSHIM_CONFIG is the relative path '%s': programs refuse it", *path);
    return false;
}

/* A regular file, opened; -1 with an error noted. */
static int open_policy(const char *path, struct diagnostics *diagnostics)
{
    struct stat status;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &status) != 0) {
        diagnostics_add(diagnostics, SEVERITY_ERROR, path, 0, "%s", strerror(errno));
    } else if (!S_ISREG(status.st_mode)) {
        diagnostics_add(diagnostics, SEVERITY_ERROR, path, 0, "not a regular file");
    } else {
        return fd;
    }
    if (fd >= 0)
        close(fd);
    return -1;
}

/* IMAGE_OK: sound in every block, and *header is its header. */
static enum image_status verify_image(int fd, struct image_header *header)
{
    struct image image;
    enum image_status status = image_open(&image, fd);
    if (status != IMAGE_OK)
        return status;
    *header = image.header;
    status = image_verify(&image);
    image_close(&image);
    return status;
}

void policy_file_examine(const char *path, enum policy_use use, struct policy_finding *finding)
{
    const struct compilation compilation = {.path = path, .use = use, .image_fd = -1, .files_fd = -1};
    *finding = (struct policy_finding){0};
    const int fd = open_policy(path, &finding->diagnostics);
    if (fd < 0)
        return;
    const enum image_status status = verify_image(fd, &finding->header);
    close(fd);
    if (status == IMAGE_NOT_IMAGE) {
        finding->kind = POLICY_FILE_IS_TEXT;
        finding->valid = policy_compile(&compilation, &finding->diagnostics);
        return;
    }
    finding->valid = status == IMAGE_OK;
    if (status != IMAGE_UNREADABLE)
        finding->kind = POLICY_FILE_IS_IMAGE;
    if (!finding->valid)
        diagnostics_add(&finding->diagnostics, SEVERITY_ERROR, path, 0, "the image %s",
                        image_status_text(status));
}

enum policy_file policy_file_check(const char *path, enum policy_use use, struct image_header *header)
{
    struct policy_finding finding;
    policy_file_examine(path, use, &finding);
    report_diagnostics(&finding.diagnostics);
    diagnostics_free(&finding.diagnostics);
    *header = finding.header;
    return finding.valid ? finding.kind : POLICY_FILE_BAD;
}

/* IMAGE_OK, or why not; *absent where there is no such file. */
static enum image_status check_installed(const char *path, struct image_header *header, bool *absent)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    *absent = fd < 0 && (errno == ENOENT || errno == ENOTDIR);
    if (fd < 0)
        return IMAGE_UNREADABLE;
    const enum image_status status = verify_image(fd, header);
    close(fd);
    return status;
}

enum policy_installed policy_file_installed(void)
{
    struct image_header header;
    bool absent;
    const enum image_status status = check_installed(POLICY_INSTALLED, &header, &absent);
    if (absent)
        return POLICY_INSTALLED_NONE;
    if (status != IMAGE_OK) {
        if (check_installed(POLICY_INSTALLED "~", &header, &absent) != IMAGE_OK) {
            report_error("%s: the installed policy %s", POLICY_INSTALLED, image_status_text(status));
            return POLICY_INSTALLED_BAD;
        }
        report_warning("%s: the installed policy %s: the one before it is used", POLICY_INSTALLED,
                       image_status_text(status));
    }
    return header.allow_override ? POLICY_INSTALLED_OVERRIDABLE : POLICY_INSTALLED_FIXED;
}
