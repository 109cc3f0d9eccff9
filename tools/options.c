#include "tools/options.h"

#include "tools/command.h"

#include <stdio.h>

int options_next(int argc, char **argv, const struct options *options, int *status)
{
    const int option = getopt_long(argc, argv, options->shorts, options->longs, NULL);
    switch (option) {
    case 'h':
        fputs(options->help, stdout);
        *status = STATUS_OK;
        return OPTIONS_DONE;
    case 'V':
        puts("pinshim " PINSHIM_VERSION);
        *status = STATUS_OK;
        return OPTIONS_DONE;
    case '?': /* getopt_long has said what is wrong */
        *status = options->usage_status;
        return OPTIONS_DONE;
    default:
        return option;
    }
}
