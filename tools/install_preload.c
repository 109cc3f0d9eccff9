/* pinshim install-preload, pinshim remove-preload: the shim in every program of the system. */
#include "tools/command.h"
#include "tools/options.h"
#include "tools/preload.h"
#include "tools/preload_file.h"
#include "tools/report.h"
#include "tools/second_library.h"
#include "tools/trusted_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIBRARY_NAME "libpinshim.so"

/* A fresh process that needs libc alone. */
struct probe {
    const char *words[3];
    bool talks;     /* on its output, of itself */
    int impossible; /* an errno by which the kernel says that it starts no such programs at all; 0 */
};

static const struct probe probe = {.words = {"/bin/true"}};
/* That libc itself, which is a program, too. */
static const struct probe second_probe = {
    .words = {SECOND_LOADER, "libc.so.6"}, .talks = true, .impossible = ENOEXEC};

static const char install_help[] =
    "usage: pinshim install-preload [--root FOLDER]\n"
    "\n"
    "Writes the library into " PRELOAD_FILE ", by which every program that is\n"
    "started from then on has it, set-user-ID programs and services included;\n"
    "starts a fresh process as a check, and restores the file if that fails.\n"
    "\n"
    "  --root FOLDER  use the system in FOLDER, such as a container's, which has the\n"
    "                 library at the same place\n"
    "  -h, --help     this text\n"
    "  -V, --version  the version\n"
    "\n"
    "Exit status: 0 done; 1 failed, and nothing is changed; 2 usage.\n";

static const char remove_help[] = "usage: pinshim remove-preload [--root FOLDER]\n"
                                  "\n"
                                  "Takes the library out of " PRELOAD_FILE ". Programs that run keep it.\n"
                                  "\n"
                                  "  --root FOLDER  use the system in FOLDER, such as a container's\n"
                                  "  -h, --help     this text\n"
                                  "  -V, --version  the version\n"
                                  "\n"
                                  "Exit status: 0 done, or there was nothing to do; 1 failed; 2 usage.\n";

/* False: return *status. */
static bool read_options(int argc, char **argv, const char *text, const char **root, int *status)
{
    static const struct option longs[] = {{"root", required_argument, NULL, 'r'}, OPTIONS_COMMON};
    const struct options options = {text, "hV", longs, STATUS_USAGE};
    *root = "";
    int option;
    while ((option = options_next(argc, argv, &options, status)) == 'r')
        *root = optarg;
    if (option != OPTIONS_END)
        return false;
    if (optind == argc)
        return true;
    report_error("too many arguments; see --help");
    *status = STATUS_USAGE;
    return false;
}

static bool fail(const char *path)
{
    report_error("%s: %s", path, strerror(errno));
    return false;
}

static bool path_below(const char *root, const char *path, char joined[PATH_MAX])
{
    if (snprintf(joined, PATH_MAX, "%s%s", root, path) < PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return fail(root);
}

/* What `path` is a link to, here, lies below `root`, too; where there is nothing, it leads nowhere. */
static bool stays_below(const char *root, const char *path)
{
    char joined[PATH_MAX], above[PATH_MAX], real[PATH_MAX];
    if (!path_below(root, path, joined))
        return false;
    if (!realpath(root, above))
        return fail(root);
    if (!realpath(joined, real))
        return errno == ENOENT || fail(joined);
    const size_t length = strcmp(above, "/") == 0 ? 0 : strlen(above);
    if (strncmp(real, above, length) == 0 && real[length] == '/')
        return true;
    report_error("%s: leads out of %s, to %s", joined, root, real);
    return false;
}

/* The file of the system below `root`, and no other one, whatever links there are in it. */
static bool file_of(const char *root, char file[PATH_MAX])
{
    return path_below(root, PRELOAD_FILE, file) &&
           (!*root || (stays_below(root, "/etc") && stays_below(root, PRELOAD_FILE)));
}

/* In a child: becomes the probe, below `root`, with nothing of our environment and output at `output`. */
static void become_probe(const struct probe *program, const char *root, const char *variable, int output)
{
    char *environment[] = {(char *)variable, NULL};
    const int own = program->talks ? open("/dev/null", O_WRONLY | O_CLOEXEC) : output;
    if (dup2(own, STDOUT_FILENO) >= 0 && dup2(output, STDERR_FILENO) >= 0 &&
        (!*root || (chroot(root) == 0 && chdir("/") == 0)))
        execve(program->words[0], (char **)program->words, environment);
    if (program->impossible && errno == program->impossible)
        _exit(0);
    dprintf(output, "%s can't be started: %s\n", program->words[0], strerror(errno));
    _exit(127);
}

/* Starts a fresh process that has `variable` as its environment; false, reported: it didn't end well, or the
 * loader complained. */
static bool starts(const struct probe *program, const char *root, const char *variable)
{
    char said[512];
    int ends[2], status = -1;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fail("pipe");
    const pid_t child = fork();
    if (child == 0)
        become_probe(program, root, variable, ends[1]);
    close(ends[1]);
    const ssize_t length = child < 0 ? -1 : read(ends[0], said, sizeof said - 1);
    close(ends[0]);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return fail(program->words[0]);
    if (status == 0 && length == 0)
        return true;
    said[length > 0 ? length : 0] = '\0';
    said[strcspn(said, "\n")] = '\0';
    report_error("a fresh %s %s%s%s", program->words[0], status == 0 ? "complains" : "doesn't run any more",
                 *said ? ": " : "", said);
    return false;
}

/* A library that a loader will find below `root`: nobody but root has a hand in it, and it comes up. */
static bool is_fit_for_all(const struct probe *program, const char *root, const char *library)
{
    char path[PATH_MAX], variable[PATH_MAX + 16], reason[TRUSTED_PATH_REASON_SIZE];
    if (!path_below(root, library, path))
        return false;
    if (!trusted_path(path, reason)) {
        report_error("%s: not for every program: %s", path, reason);
        return false;
    }
    snprintf(variable, sizeof variable, "LD_PRELOAD=%s", library);
    return starts(program, root, variable);
}

/* Both, where there are two. */
static bool are_fit_for_all(const char *root, const char *library)
{
    char second[PATH_MAX];
    return is_fit_for_all(&probe, root, library) &&
           (!second_loader_is_there(root) || !second_library_find(root, library, second) ||
            is_fit_for_all(&second_probe, root, second));
}

/* With the file as it is now. Programs of 32 bits are asked where they have a library: without one, their
 * loader complains. */
static bool starts_programs(const char *root, const char *library)
{
    char second[PATH_MAX];
    return starts(&probe, root, NULL) &&
           (!second_loader_is_there(root) || !second_library_find(root, library, second) ||
            starts(&second_probe, root, NULL));
}

static void warn_of_others(const char *root, const char *library)
{
    char second[PATH_MAX];
    if (second_loader_is_there(root) && !second_library_find(root, library, second))
        report_warning("32-bit programs have no library of theirs: they aren't protected, and ld.so says so "
                       "whenever one is started");
}

/* `content` into the file, and back to `before` where programs don't start with it. */
static bool replace(const char *root, const char *library, const char *file, const char *content,
                    const char *before)
{
    if (!preload_file_replace(file, content))
        return fail(file);
    if (starts_programs(root, library))
        return true;
    if (preload_file_replace(file, before))
        report_error("%s is as it was", file);
    else
        (void)fail(file);
    return false;
}

static bool install(const char *root)
{
    char library[PATH_MAX], entry[PATH_MAX], file[PATH_MAX], *before = NULL;
    if (!file_of(root, file) || !preload_locate(library) || !are_fit_for_all(root, library))
        return false;
    if (!preload_file_entry(library, entry))
        return fail(library);
    if (!preload_file_read(file, &before))
        return fail(file);
    char *content = preload_file_with(before, entry);
    const bool done =
        content ? (before && strcmp(content, before) == 0) || replace(root, library, file, content, before)
                : fail(file);
    free(content);
    free(before);
    if (done)
        warn_of_others(root, library);
    return done;
}

static bool remove_from(const char *file)
{
    char *before;
    bool removed = false;
    if (!preload_file_read(file, &before))
        return fail(file);
    if (!before)
        return true;
    char *content = preload_file_without(before, LIBRARY_NAME, &removed);
    bool done = content;
    if (removed) /* a file with nothing in it is read by every program, too */
        done = preload_file_replace(file, preload_file_has_entries(content) ? content : NULL);
    if (!done)
        (void)fail(file);
    free(content);
    free(before);
    return done;
}

int install_preload_main(int argc, char **argv)
{
    const char *root;
    int status;
    if (!read_options(argc, argv, install_help, &root, &status))
        return status;
    return install(root) ? STATUS_OK : STATUS_ERROR;
}

int remove_preload_main(int argc, char **argv)
{
    const char *root;
    char file[PATH_MAX];
    int status;
    if (!read_options(argc, argv, remove_help, &root, &status))
        return status;
    return file_of(root, file) && remove_from(file) ? STATUS_OK : STATUS_ERROR;
}
