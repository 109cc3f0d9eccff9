#include "tools/process.h"

#include "tools/auxiliary_vector.h"
#include "tools/mapped_file.h"
#include "tools/tls_library.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIBRARY_NAME "libpinshim.so"

enum { MOST_LOOKS = 16 /* for what the library publishes: into mappings of its name */ };

/* A file of /proc/PID, of which no more than `size` bytes count. The length, or -1 with errno. */
static ssize_t read_file(pid_t pid, const char *name, void *buffer, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length = fd < 0 ? -1 : 0, piece = 1;
    while (fd >= 0 && piece > 0 && (size_t)length < size) {
        piece = read(fd, (char *)buffer + length, size - (size_t)length);
        length = piece < 0 ? -1 : length + piece;
    }
    const int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return length;
}

/* Behind "KEY:\t" at the start of a line; NULL. */
static const char *value_of(const char *text, const char *key)
{
    const size_t length = strlen(key);
    for (const char *line = text; line && *line; line = strchr(line, '\n'), line += line != NULL)
        if (strncmp(line, key, length) == 0 && strncmp(line + length, ":\t", 2) == 0)
            return line + length + 2;
    return NULL;
}

static unsigned long number_of(const char *text, const char *key, int index)
{
    const char *at = value_of(text, key);
    char *end;
    unsigned long number = 0;
    for (int i = 0; at && i <= index; i++, at = end)
        number = strtoul(at, &end, 10);
    return number;
}

/* Of several, one for each PID namespace, the innermost is the last. */
static uint32_t last_number_of(const char *text, const char *key)
{
    const char *at = value_of(text, key);
    unsigned long number = 0;
    while (at && *at && *at != '\n') {
        char *end;
        number = strtoul(at, &end, 10);
        at = end == at ? NULL : end + strspn(end, "\t ");
    }
    return (uint32_t)number;
}

bool process_parse_status(const char *text, struct process *process)
{
    const char *name = value_of(text, "Name");
    if (name)
        snprintf(process->name, sizeof process->name, "%.*s", (int)strcspn(name, "\n"), name);
    process->parent = (pid_t)number_of(text, "PPid", 0);
    process->uid = (uid_t)number_of(text, "Uid", 1);
    process->own_pid = last_number_of(text, "NSpid");
    return value_of(text, "VmSize") != NULL;
}

static bool read_status(struct process *process)
{
    enum { LARGEST = 1 << 20 /* with the 65,536 groups that a process may have */ };
    static char text[LARGEST];
    const ssize_t length = read_file(process->pid, "status", text, sizeof text - 1);
    if (length <= 0)
        return false;
    text[length] = '\0';
    return process_parse_status(text, process);
}

static bool is_preloading(pid_t pid)
{
    enum { LARGEST = 1 << 18 };
    static const char key[] = "LD_PRELOAD=";
    static char text[LARGEST + 1];
    const ssize_t length = read_file(pid, "environ", text, LARGEST);
    text[length > 0 ? length : 0] = '\0';
    for (const char *entry = text; entry - text < length; entry += strlen(entry) + 1)
        if (strncmp(entry, key, sizeof key - 1) == 0)
            return strstr(entry, LIBRARY_NAME) != NULL;
    return false;
}

static char *program_of(pid_t pid)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        return NULL;
    path[length] = '\0';
    return strdup(path);
}

static void add_tls(struct process *process, const struct process_tls *found)
{
    for (size_t i = 0; i < process->tls_count; i++)
        if (strcmp(process->tls[i].family, found->family) == 0 &&
            strcmp(process->tls[i].file, found->file) == 0)
            return;
    char *file = process->tls_count < PROCESS_TLS ? strdup(found->file) : NULL;
    if (!file)
        return;
    process->tls[process->tls_count] = *found;
    process->tls[process->tls_count++].file = file;
}

static void look_at_code(struct process *process, const struct mapping *mapping)
{
    struct process_tls found = {.file = mapping->path, .deleted = mapping->deleted};
    const struct tls_library *library = tls_library_of(mapping->path);
    if (library) {
        found.family = library->family;
        found.hooked = library->hooked;
    } else if (!process->program || strcmp(process->program, mapping->path) != 0) {
        found.family = mapped_file_tls(process->pid, mapping);
        found.inside = true;
    }
    if (found.family)
        add_tls(process, &found);
}

static bool is_library(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash && strcmp(slash + 1, LIBRARY_NAME) == 0;
}

static void look_at_mapping(struct process *process, const struct mapping *mapping)
{
    const bool library = is_library(mapping->path);
    if (!library && mapping->executable) {
        look_at_code(process, mapping);
        return;
    }
    if (library && mapping->executable && !process->library) {
        process->library = strdup(mapping->path);
        process->replaced = mapping->deleted;
    }
    if (library && mapping->writable && process->published.publication != PUBLICATION_READ &&
        process->looks++ < MOST_LOOKS)
        published_read(process->pid, process->own_pid, mapping->start, mapping->end, &process->published);
}

/* Each of its files once: the parts of one stand in a row. */
static enum process_look read_mappings(struct process *process)
{
    char path[64], *line = NULL;
    size_t size = 0, count = 0;
    snprintf(path, sizeof path, "/proc/%d/maps", (int)process->pid);
    FILE *maps = fopen(path, "re");
    if (!maps)
        return errno == EACCES || errno == EPERM ? PROCESS_HIDDEN : PROCESS_GONE;
    process->published.publication = PUBLICATION_MISSING;
    errno = 0;
    for (struct mapping mapping; getline(&line, &size, maps) > 0; count++)
        if (mapping_parse(line, &mapping) && mapping.path[0])
            look_at_mapping(process, &mapping);
    const int error = errno;
    free(line);
    fclose(maps);
    if (count)
        return PROCESS_SEEN;
    return error == EACCES || error == EPERM ? PROCESS_HIDDEN : PROCESS_GONE;
}

/* What the program itself brings stands for the file that it is. */
static void look_at_program(struct process *process)
{
    struct process_tls found = {.file = process->program, .inside = true};
    process->refusal = mapped_file_refusal(process->pid, &found.family);
    if (found.family && found.file)
        add_tls(process, &found);
}

void process_read(pid_t pid, struct process *process)
{
    *process = (struct process){.pid = pid};
    if (!read_status(process))
        return;
    process->program = program_of(pid);
    process->look = read_mappings(process);
    if (process->look != PROCESS_SEEN)
        return;
    process->secure = auxiliary_value(pid, AT_SECURE) != 0;
    process->preloads = is_preloading(pid);
    look_at_program(process);
}

bool process_read_library(pid_t pid, const char *library, struct published *published)
{
    char path[64], *line = NULL;
    size_t size = 0;
    bool loaded = false;
    *published = (struct published){0};
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    FILE *maps = fopen(path, "re");
    for (struct mapping mapping; maps && getline(&line, &size, maps) > 0;) {
        if (!mapping_parse(line, &mapping) || strcmp(mapping.path, library) != 0)
            continue;
        loaded |= mapping.executable;
        if (mapping.writable && published->publication != PUBLICATION_READ)
            published_read(pid, 0, mapping.start, mapping.end, published);
    }
    free(line);
    if (maps)
        fclose(maps);
    return loaded;
}

void process_free(struct process *process)
{
    for (size_t i = 0; i < process->tls_count; i++)
        free(process->tls[i].file);
    free(process->program);
    free(process->library);
    process->tls_count = 0;
    process->program = process->library = NULL;
}
