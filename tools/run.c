/* pinshim run: start a program under the shim. */
#include "shim/policy_source.h"
#include "tools/command.h"
#include "tools/options.h"
#include "tools/policy_file.h"
#include "tools/preload.h"
#include "tools/report.h"
#include "tools/search.h"
#include "tools/target.h"
#include "tools/witness.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] = "usage: pinshim run [OPTION...] [--] PROGRAM [ARG...]\n"
                           "\n"
                           "Starts PROGRAM with libpinshim.so in LD_PRELOAD (macOS: libpinshim.dylib in\n"
                           "DYLD_INSERT_LIBRARIES), before what is there already.\n"
                           "\n"
                           "  -c, --config FILE  the policy, text or image, for PROGRAM and its children;\n"
                           "                     else PINSHIM_CONFIG, else the installed policy\n"
                           "  -r, --report       tell of violations, and terminate nothing\n"
                           "  -b, --best-effort  warn where PROGRAM can't be protected, and start it\n"
                           "  -h, --help         this text\n"
                           "  -V, --version      the version\n"
                           "\n"
                           "Exit status: 125 pinshim itself failed (a bad policy, no library) and started\n"
                           "nothing; 126 PROGRAM can't be executed or can't be protected; 127 no such\n"
                           "program; else PROGRAM's own.\n";

struct run_options {
    const char *config;
    bool report, best_effort;
};

/* False: return *status. */
static bool read_options(int argc, char **argv, struct run_options *run, int *status)
{
    static const struct option longs[] = {
        {"config", required_argument, NULL, 'c'},
        {"report", no_argument, NULL, 'r'},
        {"best-effort", no_argument, NULL, 'b'},
        OPTIONS_COMMON,
    };
    const struct options options = {help, "+c:rbhV", longs, STATUS_RUN_FAILED};
    while (true) {
        switch (options_next(argc, argv, &options, status)) {
        case 'c':
            run->config = optarg;
            break;
        case 'r':
            run->report = true;
            break;
        case 'b':
            run->best_effort = true;
            break;
        case OPTIONS_END:
            *status = STATUS_RUN_FAILED;
            if (optind == argc)
                report_error("PROGRAM is missing; see pinshim run --help");
            return optind < argc;
        default:
            return false;
        }
    }
}

/* The folder resolved, the name kept: where that is a link, its next target is taken up, too. */
static bool absolute_path(const char *path, char absolute[PATH_MAX])
{
    char folder[PATH_MAX], resolved[PATH_MAX];
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const int length = slash ? snprintf(folder, sizeof folder, "%.*s", (int)(name - path), path)
                             : snprintf(folder, sizeof folder, ".");
    if (length >= (int)sizeof folder || !realpath(folder, resolved)) {
        report_error("%s: %s", path, strerror(errno));
        return false;
    }
    return snprintf(absolute, PATH_MAX, "%s/%s", strcmp(resolved, "/") == 0 ? "" : resolved, name) < PATH_MAX;
}

static bool same_file(const char *a, const char *b)
{
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* The installed policy doesn't allow another: `path` named one on the command line, or in the environment. */
static bool keep_installed(const char *path, bool by_option)
{
    if (!same_file(path, POLICY_INSTALLED)) {
        if (by_option) {
            report_error("--config: the installed policy %s doesn't allow another one", POLICY_INSTALLED);
            return false;
        }
        report_warning("PINSHIM_CONFIG is ignored: the installed policy %s doesn't allow another one",
                       POLICY_INSTALLED);
    }
    return unsetenv("PINSHIM_CONFIG") == 0;
}

/* Tells the program, and its children, which policy they obey. */
static bool name_policy(const char *path, bool report)
{
    char absolute[PATH_MAX], value[PATH_MAX + sizeof POLICY_REPORT_PREFIX];
    struct image_header header;
    if (!absolute_path(path, absolute) || policy_file_check(path, POLICY_TO_OBEY, &header) == POLICY_FILE_BAD)
        return false;
    (void)snprintf(value, sizeof value, "%s%s", report ? POLICY_REPORT_PREFIX : "", absolute);
    return setenv("PINSHIM_CONFIG", value, 1) == 0;
}

/* Settles which policy the program will obey, and that it is sound; *none: there is none at all. False,
 * reported: start nothing. */
static bool prepare_policy(const struct run_options *run, bool *none)
{
    const char *path = run->config;
    bool report = run->report;
    if (!path && !policy_file_named(&path, &report))
        return false;
    const enum policy_installed installed = policy_file_installed();
    if (installed == POLICY_INSTALLED_BAD)
        return false;
    if (run->report && installed == POLICY_INSTALLED_FIXED) {
        report_error("--report: the installed policy %s doesn't allow another action", POLICY_INSTALLED);
        return false;
    }
    *none = !path && installed == POLICY_INSTALLED_NONE;
    if (!path && run->report && installed == POLICY_INSTALLED_OVERRIDABLE)
        path = POLICY_INSTALLED;
    if (!path)
        return true;
    if (installed == POLICY_INSTALLED_FIXED)
        return keep_installed(path, run->config);
    return name_policy(path, report);
}

/* STATUS_OK: protected, or only as far as --best-effort goes; *protectable tells which; *narrow: a 32-bit
 * program. */
static int check_target(const char *name, const char *path, const char *library, bool best_effort,
                        bool *protectable, bool *narrow)
{
    struct target target;
    char reason[PRELOAD_REASON_SIZE], second[PATH_MAX];
    target_inspect(path, &target);
    *protectable = target.protectable;
    if (target.protectable) {
        const char *const its = target.narrow && preload_second(library, second) ? second : library;
        *narrow = target.narrow;
        if (preload_accepted(target.loader, target.file, its, reason))
            return STATUS_OK;
        report_error("%s: can't be loaded into %s: %s", its, name, reason);
        return STATUS_RUN_FAILED;
    }
    const bool direct = strcmp(target.file, path) == 0;
    const char *const interpreter = direct ? "" : target.file, *const colon = direct ? "" : ": ";
    if (best_effort) {
        report_warning("%s: can't be protected: %s%s%s", name, interpreter, colon, target.reason);
        return STATUS_OK;
    }
    report_error("%s: can't be protected: %s%s%s", name, interpreter, colon, target.reason);
    return STATUS_RUN_REFUSED;
}

/* Where there is a library for 32-bit programs, too, each loader is let find its own. */
static bool prepare_preload(const char *library)
{
    char entry[PATH_MAX];
    const char *preload = preload_both(library, entry) ? entry : library;
    char *value = preload_value(preload, getenv(preload_way.variable));
    const bool prepared = value && setenv(preload_way.variable, value, 1) == 0;
    if (!prepared)
        report_error("can't set %s: %s", preload_way.variable, strerror(errno));
    free(value);
    return prepared;
}

static void let_witness(const struct testimony *testimony)
{
    const char *reason;
    if (!witness_begin(testimony, STATUS_RUN_REFUSED, &reason))
        report_warning("%s: can't confirm that the library comes up in it: %s", testimony->name, reason);
}

static int execute(const char *path, char **arguments)
{
    preload_forget_children();
    execv(path, arguments);
    const int error = errno;
    report_error("%s: %s", arguments[0], strerror(error));
    return error == ENOENT ? STATUS_RUN_NOT_FOUND : STATUS_RUN_REFUSED;
}

int run_main(int argc, char **argv)
{
    struct run_options run = {0};
    char library[PATH_MAX], path[PATH_MAX];
    bool no_policy, protectable, narrow = false;
    int status;
    if (!read_options(argc, argv, &run, &status))
        return status;
    char **arguments = argv + optind;
    if (!prepare_policy(&run, &no_policy) || !preload_locate(library))
        return STATUS_RUN_FAILED;
    switch (search_program(arguments[0], path)) {
    case SEARCH_NOT_FOUND:
        report_error("%s: not found", arguments[0]);
        return STATUS_RUN_NOT_FOUND;
    case SEARCH_NOT_EXECUTABLE:
        report_error("%s: %s", arguments[0], strerror(errno));
        return STATUS_RUN_REFUSED;
    case SEARCH_FOUND:
        break;
    }
    status = check_target(arguments[0], path, library, run.best_effort, &protectable, &narrow);
    if (status != STATUS_OK)
        return status;
    if (!prepare_preload(library))
        return STATUS_RUN_FAILED;
    if (no_policy)
        report_warning("no policy is installed and none is named: nothing is pinned");
    if (protectable && narrow)
        report_warning("%s: a 32-bit program: nothing confirms that the library comes up in it",
                       arguments[0]);
    else if (protectable)
        let_witness(&(struct testimony){arguments[0], library, !no_policy, run.best_effort});
    return execute(path, arguments);
}
