/* The subcommands of `pinshim bundle`, one a file. Each gets argv[0] = "pinshim bundle NAME" and returns an
 * exit status. */
#ifndef PINSHIM_TOOLS_BUNDLE_H
#define PINSHIM_TOOLS_BUNDLE_H

int bundle_create_main(int argc, char **argv);
int bundle_sign_main(int argc, char **argv);
int bundle_verify_main(int argc, char **argv);
int bundle_show_main(int argc, char **argv);
int bundle_key_main(int argc, char **argv);

#endif
