/* pinshim bundle: a policy as one signed file, for many devices. */
#include "tools/bundle.h"

#include "tools/command.h"
#include "tools/options.h"
#include "tools/report.h"

#include <stdio.h>
#include <string.h>

static const char help[] = "usage: pinshim bundle create|sign|verify|show|key [ARGUMENT...]\n"
                           "\n"
                           "A policy with its personas and certificates as one signed file, which\n"
                           "pinshim-agent fetches, verifies and installs on many devices.\n"
                           "\n"
                           "  create  make one of a folder, and sign it\n"
                           "  sign    add the signature of another key\n"
                           "  verify  is it signed by a key that is accepted, and not expired?\n"
                           "  show    what is in it\n"
                           "  key     a key as a policy's agent.public_key spells it\n"
                           "\n"
                           "Each takes --help. A key of one's own:\n"
                           "  openssl genpkey -algorithm ed25519 -out key.pem\n"
                           "\n"
                           "  -h, --help     this text\n"
                           "  -V, --version  the version\n"
                           "\n"
                           "Exit status: 0 fine; 1 errors; 2 usage.\n";

static const struct {
    const char *name, *title;
    int (*main)(int argc, char **argv);
} actions[] = {
    {"create", "pinshim bundle create", bundle_create_main},
    {"sign", "pinshim bundle sign", bundle_sign_main},
    {"verify", "pinshim bundle verify", bundle_verify_main},
    {"show", "pinshim bundle show", bundle_show_main},
    {"key", "pinshim bundle key", bundle_key_main},
};

static int start(const char *name, int argc, char **argv)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (strcmp(actions[i].name, name) == 0) {
            argv[0] = (char *)actions[i].title;
            report_begin(actions[i].title);
            optind = 0; /* getopt_long starts anew */
            return actions[i].main(argc, argv);
        }
    report_error("'%s' is none of create, sign, verify, show and key; see pinshim bundle --help", name);
    return STATUS_USAGE;
}

int bundle_main(int argc, char **argv)
{
    static const struct option longs[] = {OPTIONS_COMMON};
    const struct options options = {help, "+hV", longs, STATUS_USAGE};
    int status;
    if (options_next(argc, argv, &options, &status) != OPTIONS_END)
        return status;
    if (optind < argc)
        return start(argv[optind], argc - optind, argv + optind);
    report_error("what? One of create, sign, verify, show and key; see pinshim bundle --help");
    return STATUS_USAGE;
}
