/* The command line of a subcommand: getopt_long, with --help and --version answered for all of them. */
#ifndef PINSHIM_TOOLS_OPTIONS_H
#define PINSHIM_TOOLS_OPTIONS_H

#include <getopt.h>

struct options {
    const char *help;   /* what --help prints */
    const char *shorts; /* as getopt's, 'h' and 'V' included; a leading '+' ends at the first argument */
    const struct option *longs; /* ends with OPTIONS_COMMON */
    int usage_status;           /* the exit status for a command line that makes no sense */
};

/* clang-format off */
#define OPTIONS_COMMON {"help", no_argument, NULL, 'h'}, {"version", no_argument, NULL, 'V'}, {NULL, 0, NULL, 0}
/* clang-format on */

enum { OPTIONS_END = -1, OPTIONS_DONE = 0 };

/* The next option's letter (its argument in `optarg`), or OPTIONS_END, or OPTIONS_DONE: the subcommand was
 * asked for help or can't be understood, has been told so, and returns *status. */
int options_next(int argc, char **argv, const struct options *options, int *status)
    __attribute__((nonnull, warn_unused_result));

#endif
