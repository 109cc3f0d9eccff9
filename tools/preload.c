#include "tools/preload.h"

#include "tools/report.h"
#include "tools/second_library.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIBRARY_NAME "libpinshim.so"

static const char separators[] = " :"; /* of LD_PRELOAD, ld.so(8) */

/* The folder of this program, without the last slash. */
static bool own_folder(char folder[PATH_MAX])
{
    const ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    if (length <= 0)
        return false;
    folder[length] = '\0';
    *strrchr(folder, '/') = '\0';
    return true;
}

/* Resolved; false: neither here nor there. */
static bool find_from(const char *folder, char library[PATH_MAX])
{
    static const char *const places[] = {LIBRARY_NAME, "../lib/" MULTIARCH "/pinshim/" LIBRARY_NAME};
    char path[PATH_MAX];
    bool found = false;
    for (size_t i = 0; i < sizeof places / sizeof places[0] && !found; i++)
        found = snprintf(path, sizeof path, "%s/%s", folder, places[i]) < (int)sizeof path &&
                realpath(path, library) && access(library, R_OK) == 0;
    return found;
}

/* '$': "$LIB" would be replaced. */
static bool can_be_written(const char *library)
{
    return !library[strcspn(library, " :$")];
}

bool preload_locate(char library[PATH_MAX])
{
    char folder[PATH_MAX];
    if (!own_folder(folder)) {
        report_error("can't tell where this program is: %s", strerror(errno));
        return false;
    }
    const bool found = find_from(folder, library);
    if (!found)
        report_error(LIBRARY_NAME " is neither in %s nor in %s/../lib/" MULTIARCH "/pinshim", folder, folder);
    else if (!can_be_written(library))
        report_error("%s: LD_PRELOAD can't hold a path with a blank, ':' or '$'", library);
    return found && can_be_written(library);
}

bool preload_locate_second(char library[PATH_MAX])
{
    char folder[PATH_MAX], first[PATH_MAX];
    return own_folder(folder) && find_from(folder, first) && can_be_written(first) &&
           second_library_find("", first, library);
}

/* ld.so --list: maps what the program needs, resolves nothing, starts no constructor, and prints the lot.
 * Returns the pipe with its output; -1 with errno. */
static int start_loader(const char *loader, const char *program, const char *library, pid_t *child)
{
    int ends[2];
    if (pipe(ends) != 0)
        return -1;
    *child = fork();
    if (*child == 0) {
        if (dup2(ends[1], STDOUT_FILENO) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
            _exit(1);
        close(ends[0]);
        close(ends[1]);
        setenv("LD_PRELOAD", library, 1);
        setenv("LC_ALL", "C", 1);
        execl(loader, loader, "--list", program, (char *)NULL);
        _exit(1);
    }
    close(ends[1]);
    if (*child > 0)
        return ends[0];
    close(ends[0]);
    return -1;
}

/* Line by line: "\tLIBRARY (0x...)" where it was loaded, or the loader's excuse in brackets. */
static bool read_verdict(FILE *output, const char *library, char reason[PRELOAD_REASON_SIZE])
{
    char *line = NULL;
    size_t size = 0;
    bool loaded = false;
    const size_t length = strlen(library);
    while (getline(&line, &size, output) > 0) {
        if (line[0] == '\t' && strncmp(line + 1, library, length) == 0 &&
            strncmp(line + 1 + length, " (0x", 4) == 0)
            loaded = true;
        const char *excuse = strstr(line, "cannot be preloaded (");
        if (excuse)
            snprintf(reason, PRELOAD_REASON_SIZE, "%.*s", (int)strcspn(strchr(excuse, '(') + 1, ")"),
                     strchr(excuse, '(') + 1);
    }
    free(line);
    return loaded;
}

bool preload_accepted(const char *loader, const char *program, const char *library,
                      char reason[PRELOAD_REASON_SIZE])
{
    pid_t child;
    snprintf(reason, PRELOAD_REASON_SIZE, "%s doesn't take it", loader);
    const int end = start_loader(loader, program, library, &child);
    FILE *output = end < 0 ? NULL : fdopen(end, "r");
    if (!output) {
        snprintf(reason, PRELOAD_REASON_SIZE, "%s can't be asked: %s", loader, strerror(errno));
        if (end >= 0)
            close(end);
        return false;
    }
    const bool loaded = read_verdict(output, library, reason);
    int status;
    fclose(output);
    if (waitpid(child, &status, 0) == child && WIFSIGNALED(status)) /* the library is cut short */
        snprintf(reason, PRELOAD_REASON_SIZE, "%s ended by signal: %s", loader, strsignal(WTERMSIG(status)));
    return loaded;
}

char *preload_value(const char *library, const char *before)
{
    const size_t length = strlen(library);
    char *value = malloc(length + (before ? strlen(before) : 0) + 2);
    if (!value)
        return NULL;
    char *end = stpcpy(value, library);
    while (before && *before) {
        before += strspn(before, separators);
        const size_t word = strcspn(before, separators);
        if (word && !(word == length && strncmp(before, library, length) == 0)) {
            *end++ = ':';
            end = mempcpy(end, before, word);
            *end = '\0';
        }
        before += word;
    }
    return value;
}
