/* pinshim check: is this policy right? */
#include "tools/command.h"
#include "tools/options.h"
#include "tools/policy_file.h"
#include "tools/report.h"

#include <stdio.h>

static const char help[] = "usage: pinshim check [FILE]\n"
                           "\n"
                           "Prints every error and warning of a policy on standard error:\n"
                           "  FILE:LINE: error: ...\n"
                           "FILE is a policy, with its personas in persona.d/ beside it, or an image.\n"
                           "Without FILE: PINSHIM_CONFIG, else " POLICY_FILE_TEXT ".\n"
                           "\n"
                           "  -h, --help     this text\n"
                           "  -V, --version  the version\n"
                           "\n"
                           "Exit status: 0 fine, warnings or not; 1 errors; 2 usage.\n";

int check_main(int argc, char **argv)
{
    static const struct option longs[] = {OPTIONS_COMMON};
    const struct options options = {help, "hV", longs, STATUS_USAGE};
    int status;
    while (true) {
        const int option = options_next(argc, argv, &options, &status);
        if (option == OPTIONS_DONE)
            return status;
        if (option == OPTIONS_END)
            break;
    }
    if (argc - optind > 1) {
        report_error("one FILE at a time; see pinshim check --help");
        return STATUS_USAGE;
    }
    const char *path = optind < argc ? argv[optind] : NULL;
    if (!path && !policy_file_named(&path, NULL))
        return STATUS_ERROR;
    if (!path)
        path = POLICY_FILE_TEXT;

    struct image_header header;
    switch (policy_file_check(path, POLICY_TO_CHECK, &header)) {
    case POLICY_FILE_IS_TEXT:
        printf("%s: a valid policy\n", path);
        return STATUS_OK;
    case POLICY_FILE_IS_IMAGE:
        printf("%s: a valid image, policy version %016llx\n", path,
               (unsigned long long)header.policy_version);
        return STATUS_OK;
    case POLICY_FILE_BAD:
        break;
    }
    return STATUS_ERROR;
}
