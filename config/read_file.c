/* The files of a policy: opened, checked for who may write them, noted, read. */
#include "config/read.h"

#include "config/file_facts.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_LIMIT = 1 << 30 /* bytes: more is no policy */ };

enum file_guard read_guard(enum policy_use use, const char *folder)
{
    const bool installed = strncmp(folder, POLICY_FOLDER, sizeof POLICY_FOLDER - 1) == 0 &&
                           (folder[sizeof POLICY_FOLDER - 1] == '/' || !folder[sizeof POLICY_FOLDER - 1]);
    return use == POLICY_TO_INSTALL || use == POLICY_TO_RECEIVE || installed ? GUARD_ROOT : GUARD_OWNER;
}

const char *read_fault(const char *path, enum file_guard guard)
{
    struct file_facts facts;
    const bool known = file_facts_at(path, &facts) && (facts.regular || facts.folder);
    return known ? file_fault(&facts, guard) : NULL; /* else reading it will tell */
}

char *read_path(const struct file *file, const char *path)
{
    char *whole = NULL;
    if (path[0] == '/')
        return strdup(path);
    return asprintf(&whole, "%s/%s", file->directory, path) < 0 ? NULL : whole;
}

/* False: *error says why in one clause. */
static bool add_certificates(struct certificates *certificates, const struct file *file, const char *path,
                             enum file_guard guard, const char **error)
{
    *error = "out of memory";
    if (!watch_add(file->watched, path))
        return false;
    const char *fault = read_fault(path, guard);
    if (fault)
        *error = fault;
    return !fault && certificates_read(certificates, path, error);
}

void read_certificates(struct certificates *certificates, const struct file *file,
                       const config_setting_t *strings)
{
    for (size_t i = 0; i < settings_length(strings); i++) {
        const char *name = settings_string_at(strings, i), *error = "out of memory";
        char *path = read_path(file, name);
        if (!path || !add_certificates(certificates, file, path, file->guard, &error))
            settings_error(file, config_setting_get_elem(strings, (unsigned)i), "%s: %s", name, error);
        free(path);
    }
}

static bool is_certificate_name(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcmp(dot, ".crt") == 0 || strcmp(dot, ".pem") == 0);
}

/* A path as the policy's author knows it: from the policy's folder on, where it lies there. */
static const char *shortened(const struct file *file, const char *path)
{
    const size_t length = strlen(file->directory);
    return strncmp(path, file->directory, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

/* A root that somebody else than root could have put there is none; the others still count. */
static void read_root_file(struct certificates *roots, const struct file *file,
                           const config_setting_t *setting, const char *path)
{
    const char *error;
    if (!add_certificates(roots, file, path, GUARD_ROOT, &error))
        settings_fault(file, setting, "%s: %s", shortened(file, path), error);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* As update-ca-certificates(8) reads such a folder, but that .pem counts, too. */
void read_roots(struct certificates *roots, const struct file *file, const config_setting_t *setting,
                const char *path)
{
    char *const paths[] = {(char *)path, NULL};
    FTS *tree = fts_open(paths, FTS_LOGICAL | FTS_NOCHDIR, by_name);
    for (FTSENT *entry; tree && (entry = fts_read(tree));) {
        switch (entry->fts_info) {
        case FTS_D: {
            const char *fault = read_fault(entry->fts_path, GUARD_ROOT);
            if (!watch_add(file->watched, entry->fts_path) || fault) {
                settings_fault(file, setting, "%s: %s", shortened(file, entry->fts_path),
                               fault ? fault : "out of memory");
                (void)fts_set(tree, entry, FTS_SKIP);
            }
            break;
        }
        case FTS_F:
            if (entry->fts_level == FTS_ROOTLEVEL || is_certificate_name(entry->fts_name))
                read_root_file(roots, file, setting, entry->fts_path);
            break;
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS:
            settings_fault(file, setting, "%s: can't be read: %s", shortened(file, entry->fts_path),
                           strerror(entry->fts_errno));
            break;
        default:
            break;
        }
    }
    if (tree)
        (void)fts_close(tree);
    else
        settings_error(file, setting, "out of memory");
}

/* What is left to read of an open file of `size` bytes, with its line end and a NUL behind. */
static char *slurp_open(int fd, size_t size, size_t *length)
{
    char *text = malloc(size + 2);
    ssize_t got = 1;
    while (text && got > 0 && *length < size) {
        got = read(fd, text + *length, size - *length);
        *length += got > 0 ? (size_t)got : 0;
    }
    if (!text || got < 0) {
        free(text);
        return NULL;
    }
    /* libconfig 1.5 refuses a comment without a line end. */
    if (*length > 0 && text[*length - 1] != '\n')
        text[(*length)++] = '\n';
    text[*length] = '\0';
    return text;
}

char *read_text(const char *path, size_t *length)
{
    struct stat status;
    char *text = NULL;
    *length = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && (!S_ISREG(status.st_mode) || status.st_size > FILE_LIMIT))
        errno = S_ISDIR(status.st_mode) ? EISDIR : EFBIG;
    else
        text = slurp_open(fd, (size_t)status.st_size, length);
    const int saved = errno;
    close(fd);
    errno = saved;
    return text;
}
