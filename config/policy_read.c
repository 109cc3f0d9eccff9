#include "config/policy.h"

#include "config/parse.h"
#include "config/read.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_LIMIT = 1 << 30 /* bytes: more is no policy */ };

typedef void parser(struct policy_text *policy, const struct file *file, const char *text, size_t length);

char *read_path(const struct file *file, const char *path)
{
    char *whole = NULL;
    if (path[0] == '/')
        return strdup(path);
    return asprintf(&whole, "%s/%s", file->directory, path) < 0 ? NULL : whole;
}

void read_certificates(struct certificates *certificates, const struct file *file,
                       const config_setting_t *strings)
{
    for (size_t i = 0; i < settings_length(strings); i++) {
        const char *name = settings_string_at(strings, i), *error = "out of memory";
        char *path = read_path(file, name);
        if (!path || !certificates_read(certificates, path, &error))
            settings_error(file, config_setting_get_elem(strings, (unsigned)i), "%s: %s", name, error);
        free(path);
    }
}

/* The whole of a regular file, with a NUL behind it; NULL with errno. The last line gets its line end:
 * libconfig 1.5 refuses a comment without. */
static char *slurp(const char *path, size_t *length)
{
    struct stat status;
    char *text = NULL;
    *length = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && (!S_ISREG(status.st_mode) || status.st_size > FILE_LIMIT))
        errno = S_ISDIR(status.st_mode) ? EISDIR : EFBIG;
    else if ((text = malloc((size_t)status.st_size + 2))) {
        ssize_t got = 1;
        while (got > 0 && *length < (size_t)status.st_size) {
            got = read(fd, text + *length, (size_t)status.st_size - *length);
            *length += got > 0 ? (size_t)got : 0;
        }
        if (*length > 0 && text[*length - 1] != '\n')
            text[(*length)++] = '\n';
        text[*length] = '\0';
        if (got < 0)
            free(text), text = NULL;
    }
    const int saved = errno;
    close(fd);
    errno = saved;
    return text;
}

/* The absolute folder of a file; NULL where it can't be had. */
static char *folder_of(const char *path)
{
    char *real = realpath(path, NULL);
    char *slash = real ? strrchr(real, '/') : NULL;
    if (slash)
        slash[slash == real ? 1 : 0] = '\0';
    return real;
}

static bool add_source(struct policy_text *policy, const char *name)
{
    char **sources = reallocarray(policy->sources, policy->source_count + 1, sizeof *sources);
    if (!sources)
        return false;
    policy->sources = sources;
    return (sources[policy->source_count] = strdup(name)) && ++policy->source_count <= UINT16_MAX;
}

static void read_file(struct policy_text *policy, const char *path, struct diagnostics *diagnostics,
                      parser *parse)
{
    struct file file = {.name = path, .index = (unsigned)policy->source_count, .diagnostics = diagnostics};
    size_t length;
    char *text = slurp(path, &length);
    if (!text) {
        diagnostics_add(diagnostics, SEVERITY_ERROR, path, 0, "can't be read: %s", strerror(errno));
        return;
    }
    char *folder = folder_of(path);
    if (!folder) {
        diagnostics_add(diagnostics, SEVERITY_ERROR, path, 0, "has no folder: %s", strerror(errno));
    } else if (!add_source(policy, path)) {
        diagnostics_add(diagnostics, SEVERITY_ERROR, path, 0, "too many files, or out of memory");
    } else {
        file.directory = folder;
        parse(policy, &file, text, length);
    }
    free(folder);
    free(text);
}

static int is_persona_file(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > strlen(".conf") &&
           strcmp(entry->d_name + length - strlen(".conf"), ".conf") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* not alphasort, which obeys the locale */
}

static void read_personas(struct policy_text *policy, const char *path, struct diagnostics *diagnostics)
{
    const char *slash = strrchr(path, '/');
    const int prefix = slash ? (int)(slash - path) + 1 : 0;
    char folder[PATH_MAX], file[PATH_MAX];
    struct dirent **entries;
    if (snprintf(folder, sizeof folder, "%.*spersona.d", prefix, path) >= (int)sizeof folder)
        return; /* then the main file's own name was too long */
    const int count = scandir(folder, &entries, is_persona_file, by_name);
    if (count < 0) {
        if (errno != ENOENT)
            diagnostics_add(diagnostics, SEVERITY_ERROR, folder, 0, "can't be read: %s", strerror(errno));
        return;
    }
    for (int i = 0; i < count; i++) {
        if (snprintf(file, sizeof file, "%s/%s", folder, entries[i]->d_name) < (int)sizeof file)
            read_file(policy, file, diagnostics, parse_persona);
        else
            diagnostics_add(diagnostics, SEVERITY_ERROR, folder, 0, "%s: the name is too long",
                            entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

void policy_read(struct policy_text *policy, const char *path, struct diagnostics *diagnostics)
{
    read_file(policy, path, diagnostics, parse_device);
    read_personas(policy, path, diagnostics);
}

static void free_domains(struct policy_text *policy)
{
    struct domain *domain = policy->domains, *next_domain;
    HASH_CLEAR(hh, policy->domains); /* the table alone */
    for (; domain; domain = next_domain) {
        next_domain = domain->hh.next;
        for (struct entry *entry = domain->entries, *next; entry; entry = next) {
            next = entry->next;
            free(entry);
        }
        free(domain);
    }
}

void policy_free(struct policy_text *policy)
{
    free_domains(policy);
    for (size_t i = 0; i < policy->persona_count; i++) {
        struct persona *persona = &policy->personas[i];
        free(persona->name);
        free(persona->groups);
        settings_free_strings(persona->user_groups);
        settings_free_strings(persona->device_groups);
        certificates_free(&persona->proxies);
    }
    free(policy->personas);
    settings_free_strings(policy->device_groups);
    free(policy->device_id);
    for (size_t i = 0; i < policy->message_count; i++) {
        free(policy->messages[i].application);
        free(policy->messages[i].text);
    }
    free(policy->messages);
    certificates_free(&policy->local_roots);
    for (size_t i = 0; i < policy->source_count; i++)
        free(policy->sources[i]);
    free(policy->sources);
    free(policy->events_file);
    certificates_free(&policy->trust);
    *policy = (struct policy_text){0};
}
