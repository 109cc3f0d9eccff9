#include "tools/command.h"
#include "tools/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct command {
    const char *name;
    int (*main)(int argc, char **argv);
    const char *summary;
    int failure; /* its exit status where pinshim itself fails */
};

static const struct command commands[] = {
    {"run", run_main, "start a program under the library", STATUS_RUN_FAILED},
    {"check", check_main, "every error and warning of a policy", STATUS_ERROR},
    {"compile", compile_main, "make the image that programs load", STATUS_ERROR},
    {"explain", explain_main, "why a host is pinned or not, and by what", STATUS_ERROR},
    {"pin", pin_main, "the pins of a certificate or a server", STATUS_ERROR},
    {"log", log_main, "the events, for reading", STATUS_ERROR},
    {"doctor", doctor_main, "which TLS is in a program or process, and is it protected?", STATUS_ERROR},
    {"status", status_main, "every process: is its TLS under the policy?", STATUS_ERROR},
    {"bundle", bundle_main, "a policy as one signed file, for many devices", STATUS_ERROR},
    {"refresh", refresh_main, "have the agent look for a newer policy now", STATUS_ERROR},
    {"install-preload", install_preload_main, "the library in every program of the system", STATUS_ERROR},
    {"remove-preload", remove_preload_main, "and out of them again", STATUS_ERROR},
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static const struct command *command_find(const char *name)
{
    for (int i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int print_help(void)
{
    puts("usage: pinshim SUBCOMMAND [ARGUMENT...]\n"
         "       pinshim --help | --version\n"
         "\n"
         "Certificate pinning for unmodified programs.\n");
    for (int i = 0; i < COMMANDS; i++)
        printf("  %-15s %s\n", commands[i].name, commands[i].summary);
    puts("  help            this text, or that of a subcommand: pinshim help run\n"
         "\n"
         "Each subcommand takes --help. The manual: man pinshim.");
    return STATUS_OK;
}

/* What was printed counts only once it is written: a full disk is an error. */
static int close_output(int status, int failure)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    report_error("can't write to standard output: %s", errno ? strerror(errno) : "write error");
    return status == STATUS_OK ? failure : status;
}

static int start(const struct command *command, int argc, char **argv)
{
    char name[32];
    snprintf(name, sizeof name, "pinshim %s", command->name);
    argv[0] = name; /* for the messages of getopt_long */
    report_begin(name);
    return close_output(command->main(argc, argv), command->failure);
}

static int unknown(const char *name)
{
    report_error("no subcommand '%s'; pinshim --help lists them", name);
    return STATUS_USAGE;
}

static int help(const char *name)
{
    if (!name || strcmp(name, "help") == 0)
        return close_output(print_help(), STATUS_ERROR);
    const struct command *command = command_find(name);
    char option[] = "--help";
    char *arguments[] = {NULL, option, NULL};
    return command ? start(command, 2, arguments) : unknown(name);
}

int main(int argc, char **argv)
{
    report_begin("pinshim");
    if (argc < 2) {
        report_error("a subcommand is missing; pinshim --help lists them");
        return STATUS_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(argv[2]);
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        puts("pinshim " PINSHIM_VERSION);
        return close_output(STATUS_OK, STATUS_ERROR);
    }
    const struct command *command = command_find(name);
    return command ? start(command, argc - 1, argv + 1) : unknown(name);
}
