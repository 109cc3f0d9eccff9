#include "tools/preload.h"

#include "tools/preload_file.h"
#include "tools/second_library.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

const struct preload_way preload_way = {
    .variable = "LD_PRELOAD",
    .library = "libpinshim.so",
    .installed = "../lib/" MULTIARCH "/pinshim/",
    .separators = " :", /* ld.so(8) */
    .unfit = " :$",     /* "$LIB" would be replaced */
    .unfit_words = "a blank, ':' or '$'",
};

bool preload_own_folder(char folder[PATH_MAX])
{
    const ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);
    if (length <= 0)
        return false;
    folder[length] = '\0';
    *strrchr(folder, '/') = '\0';
    return true;
}

bool preload_second(const char *library, char second[PATH_MAX])
{
    return second_library_find("", library, second);
}

bool preload_both(const char *library, char entry[PATH_MAX])
{
    char second[PATH_MAX];
    return preload_second(library, second) && preload_file_entry(library, entry);
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

void preload_forget_children(void)
{
    sigset_t children;
    const struct timespec at_once = {0};
    (void)sigemptyset(&children);
    (void)sigaddset(&children, SIGCHLD);
    (void)sigtimedwait(&children, NULL, &at_once);
}
