/* The subcommands, one a file, and the exit statuses they share. Each `*_main` gets argv[0] = "pinshim NAME"
 * and returns an exit status; it may leave the flushing of stdout to main. */
#ifndef PINSHIM_TOOLS_COMMAND_H
#define PINSHIM_TOOLS_COMMAND_H

enum {
    STATUS_OK = 0,
    STATUS_ERROR = 1,
    STATUS_USAGE = 2,
    /* `pinshim run`, as env, nice and timeout have them: */
    STATUS_RUN_FAILED = 125,    /* pinshim's own failure; nothing was started */
    STATUS_RUN_REFUSED = 126,   /* can't be executed, or can't be protected */
    STATUS_RUN_NOT_FOUND = 127, /* no such program */
};

int run_main(int argc, char **argv);
int check_main(int argc, char **argv);
int compile_main(int argc, char **argv);
int explain_main(int argc, char **argv);
int pin_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int log_main(int argc, char **argv);
int status_main(int argc, char **argv);
int bundle_main(int argc, char **argv);
int refresh_main(int argc, char **argv);
int install_preload_main(int argc, char **argv);
int remove_preload_main(int argc, char **argv);

#endif
