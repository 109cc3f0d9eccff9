#include "agent/compiled.h"

#include "agent/paths.h"
#include "agent/work_folder.h"
#include "bundle/next_agent.h"
#include "bundle/unpack.h"
#include "config/install/image_install.h"
#include "shim/policy_source.h"
#include "tools/report.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define POLICY AGENT_WORK "/policy"
#define IMAGE  AGENT_WORK "/policy.cdb"

static bool fail(const char *path)
{
    report_error("%s: %s", path, strerror(errno));
    return false;
}

static bool compile(struct compiled *compiled, int folder)
{
    struct diagnostics diagnostics = {0};
    const struct compilation compilation = {.use = POLICY_TO_RECEIVE,
                                            .image_fd = compiled->image_fd,
                                            .files_fd = -1,
                                            .bundled = true,
                                            .device = AGENT_LOCAL_POLICY,
                                            .agent = &compiled->agent};
    const enum image_status status = bundle_compile(folder, &compilation, &diagnostics, &compiled->header);
    const char *fault = next_agent_fault(&compiled->agent);
    if (diagnostics.errors)
        report_diagnostics(&diagnostics);
    else if (status != IMAGE_OK)
        report_error("the bundle's image %s", image_status_text(status));
    else if (fault)
        report_error("the bundle's %s", fault);
    const bool compiled_whole = status == IMAGE_OK && diagnostics.errors == 0 && !fault;
    diagnostics_free(&diagnostics);
    return compiled_whole;
}

static bool unpack_and_compile(struct compiled *compiled, const struct bundle *bundle, int folder)
{
    char error[BUNDLE_ERROR_SIZE];
    if (!bundle_unpack(bundle, folder, error)) {
        report_error("the bundle's %s", error);
        return false;
    }
    return compile(compiled, folder);
}

bool compiled_make(struct compiled *compiled, const struct bundle *bundle)
{
    *compiled = (struct compiled){.image_fd = -1};
    if (!work_folder_empty() || mkdir(POLICY, 0700) != 0)
        return fail(AGENT_WORK);
    const int folder = open(POLICY, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    compiled->image_fd = open(IMAGE, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    const bool opened = (folder >= 0 && compiled->image_fd >= 0) || fail(AGENT_WORK);
    const bool made = opened && unpack_and_compile(compiled, bundle, folder);
    if (folder >= 0)
        close(folder);
    if (!made)
        compiled_free(compiled);
    return made;
}

bool compiled_is_installed(const struct compiled *compiled)
{
    struct image image;
    const int fd = open(POLICY_INSTALLED, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool same = image_open(&image, fd) == IMAGE_OK;
    if (same) {
        same = image.header.policy_version == compiled->header.policy_version &&
               image_verify(&image) == IMAGE_OK;
        image_close(&image);
    }
    close(fd);
    return same;
}

bool compiled_put(const struct compiled *compiled)
{
    const char *culprit;
    const struct image_place place = {.image = POLICY_INSTALLED,
                                      .folder = AGENT_STATE_FOLDER,
                                      .next = IMAGE,
                                      .spare = AGENT_WORK "/policy.cdb~",
                                      .before = POLICY_INSTALLED "~"};
    return image_put(&place, compiled->image_fd, &culprit) || fail(culprit);
}

void compiled_free(struct compiled *compiled)
{
    if (compiled->image_fd >= 0)
        close(compiled->image_fd);
    compiled->image_fd = -1;
    agent_policy_free(&compiled->agent);
}
