#include "config/policy.h"

#include "config/check_personas.h"
#include "config/file_facts.h"
#include "config/parse.h"
#include "config/read.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef void parser(struct policy_text *policy, const struct file *file, const char *text, size_t length);

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

/* True where nobody else may change it, or put another in its place. */
static bool check_guard(const struct file *file)
{
    const char *fault = read_fault(file->name, file->guard);
    const char *folder_fault = fault ? NULL : read_fault(file->directory, file->guard);
    if (fault)
        diagnostics_add(file->diagnostics, SEVERITY_ERROR, file->name, 0, "%s", fault);
    if (folder_fault)
        diagnostics_add(file->diagnostics, SEVERITY_ERROR, file->name, 0, "its folder %s %s", file->directory,
                        folder_fault);
    return !fault && !folder_fault;
}

static void read_file(struct policy_text *policy, const char *path, struct diagnostics *diagnostics,
                      parser *parse)
{
    struct file file = {
        .name = path,
        .index = (unsigned)policy->source_count,
        .use = policy->use,
        .watched = &policy->watched,
        .diagnostics = diagnostics,
    };
    size_t length;
    const bool watched = watch_add(&policy->watched, path);
    char *text = read_text(path, &length);
    if (!text) {
        diagnostics_add(diagnostics, SEVERITY_ERROR, path, 0, "can't be read: %s", strerror(errno));
        return;
    }
    char *folder = folder_of(path);
    if (!folder) {
        diagnostics_add(diagnostics, SEVERITY_ERROR, path, 0, "has no folder: %s", strerror(errno));
    } else if (!watched || !add_source(policy, path)) {
        diagnostics_add(diagnostics, SEVERITY_ERROR, path, 0, "too many files, or out of memory");
    } else {
        file.directory = folder;
        file.guard = read_guard(policy->use, folder);
        if (check_guard(&file))
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

/* Of a folder with personas, each of them tells. Somebody else may have taken them out. */
static void check_empty(const struct policy_text *policy, const char *folder, struct diagnostics *diagnostics)
{
    char *real = realpath(folder, NULL);
    const char *fault = real ? read_fault(real, read_guard(policy->use, real)) : "has no path";
    if (fault)
        diagnostics_add(diagnostics, SEVERITY_ERROR, folder, 0, "%s", fault);
    free(real);
}

static void read_personas(struct policy_text *policy, const char *path, struct diagnostics *diagnostics)
{
    const char *slash = strrchr(path, '/');
    const int prefix = slash ? (int)(slash - path) + 1 : 0;
    char folder[PATH_MAX], file[PATH_MAX];
    struct dirent **entries;
    if (snprintf(folder, sizeof folder, "%.*spersona.d", prefix, path) >= (int)sizeof folder)
        return; /* then the main file's own name was too long */
    if (!watch_add(&policy->watched, folder))
        diagnostics_add(diagnostics, SEVERITY_ERROR, folder, 0, "out of memory");
    const int count = scandir(folder, &entries, is_persona_file, by_name);
    if (count < 0) {
        const int error = errno;
        if (error != ENOENT || file_is_link(folder)) /* one to nowhere: personas are missing */
            diagnostics_add(diagnostics, SEVERITY_ERROR, folder, 0, "can't be read: %s", strerror(error));
        return;
    }
    if (count == 0)
        check_empty(policy, folder, diagnostics);
    if (count > IMAGE_PERSONAS)
        diagnostics_add(diagnostics, SEVERITY_ERROR, folder, 0, "%d personas: at most %d", count,
                        IMAGE_PERSONAS);
    for (int i = 0; i < count; i++) {
        if (count > IMAGE_PERSONAS)
            ; /* told */
        else if (snprintf(file, sizeof file, "%s/%s", folder, entries[i]->d_name) < (int)sizeof file)
            read_file(policy, file, diagnostics, parse_persona);
        else
            diagnostics_add(diagnostics, SEVERITY_ERROR, folder, 0, "%s: the name is too long",
                            entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

static void sum_up(const struct policy_text *policy, const char *path, struct diagnostics *diagnostics)
{
    if (policy->use == POLICY_TO_OBEY)
        return;
    if (policy->single_pins > ENTRIES_TOLD)
        diagnostics_add(diagnostics, SEVERITY_WARNING, path, 0, "%u entries more have a single pin",
                        policy->single_pins - ENTRIES_TOLD);
    if (policy->expiring > ENTRIES_TOLD)
        diagnostics_add(diagnostics, SEVERITY_WARNING, path, 0, "the pins of %u entries more expire soon",
                        policy->expiring - ENTRIES_TOLD);
}

void policy_read(struct policy_text *policy, const char *path, struct diagnostics *diagnostics)
{
    read_file(policy, path, diagnostics, parse_device);
    read_personas(policy, path, diagnostics);
    check_personas(policy, diagnostics);
    sum_up(policy, path, diagnostics);
}

void policy_free(struct policy_text *policy)
{
    domain_table_free(&policy->domains);
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
    free(policy->report_url);
    certificates_free(&policy->trust);
    agent_policy_free(&policy->agent);
    free(policy->watched.bytes);
    *policy = (struct policy_text){0};
}
