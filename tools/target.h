/* Can a preload reach the TLS of the program that `pinshim run` is to start? */
#ifndef PINSHIM_TOOLS_TARGET_H
#define PINSHIM_TOOLS_TARGET_H

#include <limits.h>
#include <stdbool.h>

struct target {
    bool protectable;      /* zero: no */
    bool narrow;           /* a 32-bit program, beside which this one is of 64 */
    char file[PATH_MAX];   /* what the kernel loads: the program, or the interpreter of a script */
    char loader[PATH_MAX]; /* of `file`; empty where it has none, or was not looked at */
    const char *tls;       /* what TLS is inside `file`, as builtin_tls.h has it; NULL: none is known */
    unsigned marks;        /* tls_marks of `file`; 0 where it was not looked at */
    char reason[PATH_MAX]; /* why not: a clause like "statically linked" */
};

/* Looks into the program at `path`, and through #! into its interpreter, and through `env` into what that
 * starts. Protectable: a dynamic executable for this machine, whose loader obeys LD_PRELOAD for this user,
 * and without TLS inside itself. Programs that it starts in turn are not looked at. */
void target_inspect(const char *path, struct target *target) __attribute__((nonnull));

/* The first half of it: `target->file` alone. False: target->reason. */
bool target_follow(const char *path, struct target *target) __attribute__((nonnull, warn_unused_result));

/* The second half, of a program that is running already, whoever it runs as. */
void target_inspect_running(int fd, struct target *target) __attribute__((nonnull));

/* True where `target->loader` is the very file that loaded this program. */
bool target_has_own_loader(const struct target *target) __attribute__((nonnull, warn_unused_result));

#endif
