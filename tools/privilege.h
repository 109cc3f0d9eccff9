/* Would the kernel set AT_SECURE for a program, so that its loader ignores LD_PRELOAD? */
#ifndef PINSHIM_TOOLS_PRIVILEGE_H
#define PINSHIM_TOOLS_PRIVILEGE_H

/* Why, for this process as the one that executes the file behind `fd`; NULL where it would not.
 * Source: cap_bprm_creds_from_file, security/commoncap.c; getauxval(3). */
const char *privilege_raised(int fd) __attribute__((warn_unused_result));

#endif
