#include "tools/bundle_gather.h"

#include "bundle/next_agent.h"
#include "bundle/unpack.h"
#include "config/map.h"
#include "config/read.h"
#include "shim/system.h"
#include "tools/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(const char *path, const char *why)
{
    report_error("%s: %s", path, why);
    return false;
}

static bool has_file(const struct bundle *bundle, const char *path)
{
    for (size_t i = 0; i < bundle->file_count; i++)
        if (strcmp(bundle->files[i].path, path) == 0)
            return true;
    return false;
}

/* Of a whole path, the part behind the folder; NULL: it lies elsewhere. */
static const char *below(const char *folder, const char *path)
{
    const size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

/* The path as the bundle has it; NULL: there is none. */
static const char *inside(const char *folder, const char *path)
{
    if (path[0] == '/')
        path = below(folder, path);
    while (path && path[0] == '.' && path[1] == '/')
        path += 2;
    return path && bundle_path_is_clean(path) ? path : NULL;
}

static bool add_text(struct bundle *bundle, const char *name, const char *path)
{
    size_t length;
    char *text = read_text(path, &length);
    const bool added = text && bundle_add(bundle, name, text, length);
    if (!added)
        report_error("%s: %s", path, strerror(errno));
    free(text);
    return added;
}

/* What is no regular file was looked at as a folder, or isn't there. */
static bool add_file(struct bundle *bundle, const char *folder, const char *path)
{
    struct stat status;
    const char *name = inside(folder, path);
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || (name && has_file(bundle, name)))
        return true;
    if (!name && path[0] == '/' && !below(folder, path)) {
        report_warning("%s: is named by its whole path: each device reads its own", path);
        return true;
    }
    if (!name)
        return fail(path, "can't be in a bundle: name it by a plain path below the policy's folder");
    return add_text(bundle, name, path);
}

/* Of the list that the compiler made: a stamp, then a path and a NUL. */
static bool add_files(struct bundle *bundle, const char *folder, int files)
{
    size_t size;
    const char *bytes = map_file(files, &size);
    bool added = bytes != NULL;
    for (size_t at = 0; added && at + sizeof(uint64_t) < size;) {
        const char *path = bytes + at + sizeof(uint64_t);
        added = add_file(bundle, folder, path);
        at += sizeof(uint64_t) + strlen(path) + 1;
    }
    if (bytes)
        map_free(bytes, size);
    return added;
}

static bool gather(struct bundle *bundle, const char *folder, int files)
{
    struct diagnostics diagnostics = {0};
    struct agent_policy agent = {0};
    const struct compilation compilation = {.path = "pinshim.conf",
                                            .use = POLICY_TO_CHECK,
                                            .image_fd = -1,
                                            .files_fd = files,
                                            .bundled = true,
                                            .agent = &agent};
    const bool compiled = policy_compile(&compilation, &diagnostics);
    report_diagnostics(&diagnostics);
    diagnostics_free(&diagnostics);
    const char *fault = compiled ? next_agent_fault(&agent) : NULL;
    const bool fine = !fault || fail("pinshim.conf", fault);
    const bool gathered = compiled && fine && add_files(bundle, folder, files);
    agent_policy_free(&agent);
    return gathered;
}

bool bundle_gather(struct bundle *bundle, const char *folder)
{
    char real[PATH_MAX];
    const int files = system_memory_file();
    bool gathered = files >= 0 && realpath(folder, real) && chdir(real) == 0;
    if (!gathered)
        report_error("%s: %s", folder, strerror(errno));
    gathered = gathered && gather(bundle, real, files);
    if (files >= 0)
        close(files);
    return gathered;
}
