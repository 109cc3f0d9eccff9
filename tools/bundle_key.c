/* pinshim bundle key: a key as a policy spells it. */
#include "tools/bundle.h"
#include "tools/command.h"
#include "tools/options.h"
#include "tools/report.h"
#include "tools/signing_key.h"

#include <stdio.h>

static const char help[] = "usage: pinshim bundle key KEY.pem\n"
                           "\n"
                           "Prints the public half of a key of Ed25519, public or private, as a policy's\n"
                           "agent.public_key spells it: ed25519//BASE64\n"
                           "\n"
                           "  -h, --help     this text\n"
                           "  -V, --version  the version\n"
                           "\n"
                           "Exit status: 0 done; 1 errors; 2 usage.\n";

int bundle_key_main(int argc, char **argv)
{
    static const struct option longs[] = {OPTIONS_COMMON};
    const struct options options = {help, "hV", longs, STATUS_USAGE};
    char text[BUNDLE_KEY_LENGTH + 1];
    struct bundle_key key;
    int status;
    if (options_next(argc, argv, &options, &status) != OPTIONS_END)
        return status;
    if (argc - optind != 1) {
        report_error("one key at a time; see pinshim bundle key --help");
        return STATUS_USAGE;
    }
    if (!signing_key_public(argv[optind], &key))
        return STATUS_ERROR;
    bundle_key_format(&key, text);
    puts(text);
    return STATUS_OK;
}
