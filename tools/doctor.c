/* pinshim doctor: the TLS of a program, of a process, or of all installed programs, and can it be pinned? */
#include "tools/doctor.h"
#include "tools/command.h"
#include "tools/diagnosis_view.h"
#include "tools/json_output.h"
#include "tools/options.h"
#include "tools/preload.h"
#include "tools/report.h"
#include "tools/search.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char help[] = "usage: pinshim doctor [OPTION...] PROGRAM | PID\n"
                           "       pinshim doctor [OPTION...] --all\n"
                           "\n"
                           "Tells which TLS libraries a program is linked to, holds, or may load, and\n"
                           "whether it can be protected; for a process, which it has loaded, and whether it\n"
                           "is protected. A number is a process. The program is not started.\n"
                           "\n"
                           "  -a, --all      the installed programs that have TLS, those first that no\n"
                           "                 preload can reach\n"
                           "  -j, --json     one JSON object; with --all, an array, an object a program\n"
                           "  -h, --help     this text\n"
                           "  -V, --version  the version\n"
                           "\n"
                           "Exit status: 0 it is protected, or can be; 1 it isn't, it can't, or not as a\n"
                           "whole; 2 usage, or no such program or process. With --all: 0, or 1 where the\n"
                           "programs can't be listed.\n";

struct doctor_options {
    bool all, json;
};

/* False: return *status. */
static bool read_options(int argc, char **argv, struct doctor_options *chosen, int *status)
{
    static const struct option longs[] = {
        {"all", no_argument, NULL, 'a'},
        {"json", no_argument, NULL, 'j'},
        OPTIONS_COMMON,
    };
    const struct options options = {help, "ajhV", longs, STATUS_USAGE};
    for (int option; (option = options_next(argc, argv, &options, status)) != OPTIONS_END;) {
        if (option == OPTIONS_DONE)
            return false;
        chosen->all |= option == 'a';
        chosen->json |= option == 'j';
    }
    *status = STATUS_USAGE;
    const int wanted = chosen->all ? 0 : 1;
    if (argc - optind < wanted)
        report_error("PROGRAM or PID is missing; see pinshim doctor --help");
    else if (argc - optind > wanted)
        report_error("'%s': no more arguments are expected; see pinshim doctor --help",
                     argv[optind + wanted]);
    return argc - optind == wanted;
}

/* The library is there, and the program's loader takes it; else diagnosis->why says why not. Only the
 * system's own loader is asked: another one is a program like any other. */
static void ask_loader(struct diagnosis *diagnosis)
{
    static char library[PATH_MAX];
    char reason[PRELOAD_REASON_SIZE];
    if (!diagnosis->target.protectable || !target_has_own_loader(&diagnosis->target))
        return;
    if (!preload_locate(library)) /* reported */
        snprintf(diagnosis->why, sizeof diagnosis->why, "there is no library to preload");
    else if (!preload_accepted(diagnosis->target.loader, diagnosis->target.file, library, reason))
        snprintf(diagnosis->why, sizeof diagnosis->why, "its loader doesn't take the library: %s", reason);
    else
        return;
    diagnosis->reach = REACH_NO;
}

static int diagnose_program(const char *name, bool json)
{
    static struct diagnosis diagnosis;
    char path[PATH_MAX];
    switch (search_program(name, path)) {
    case SEARCH_NOT_FOUND:
        report_error("%s: not found", name);
        return STATUS_USAGE;
    case SEARCH_NOT_EXECUTABLE:
        report_error("%s: %s", name, strerror(errno));
        return STATUS_USAGE;
    case SEARCH_FOUND:
        break;
    }
    diagnosis_make(path, &diagnosis);
    ask_loader(&diagnosis);
    const bool printed = json ? json_output_document(diagnosis_view_json(path, &diagnosis))
                              : diagnosis_view_print(path, &diagnosis);
    const bool good = diagnosis.reach == REACH_YES || diagnosis.reach == REACH_NO_TLS;
    return printed && good ? STATUS_OK : STATUS_ERROR;
}

int doctor_main(int argc, char **argv)
{
    struct doctor_options chosen = {0};
    int status;
    if (!read_options(argc, argv, &chosen, &status))
        return status;
    if (chosen.all)
        return doctor_all(chosen.json);
    const char *name = argv[optind];
    const bool number = name[0] && strspn(name, "0123456789") == strlen(name);
    return number ? doctor_process(name, chosen.json) : diagnose_program(name, chosen.json);
}
