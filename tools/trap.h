/* A process that is being traced, stopped at an instruction: a file for each processor. */
#ifndef PINSHIM_TOOLS_TRAP_H
#define PINSHIM_TOOLS_TRAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct trap {
    uintptr_t address;
    long code; /* what stood there */
};

/* Puts a breakpoint at an address of a stopped process, which gets SIGTRAP there. */
bool trap_set(pid_t pid, uintptr_t address, struct trap *trap) __attribute__((nonnull, warn_unused_result));

/* Takes it away, where the process has stopped by it: it goes on as if nothing had been. False: it stopped
 * somewhere else, or can't be seen; nothing is changed then. */
bool trap_clear(pid_t pid, const struct trap *trap) __attribute__((nonnull, warn_unused_result));

/* The same for the child of a fork, which has a copy of the breakpoint. */
void trap_remove(pid_t pid, const struct trap *trap) __attribute__((nonnull));

/* Lets the process end itself with a status, where it has stopped by the breakpoint. */
bool trap_exit(pid_t pid, const struct trap *trap, int status) __attribute__((nonnull, warn_unused_result));

/* The processor's: the code at the breakpoint, given what stood there, and that of a system call. */
long trap_code(long code) __attribute__((const));
long trap_call_code(long code) __attribute__((const));

struct user_regs_struct;
/* The address of the breakpoint by which the process has stopped, where it is one. */
uintptr_t trap_stopped_at(const struct user_regs_struct *registers) __attribute__((nonnull));
void trap_continue_at(struct user_regs_struct *registers, uintptr_t address) __attribute__((nonnull));
/* The arguments of exit_group. */
void trap_prepare_exit(struct user_regs_struct *registers, int status) __attribute__((nonnull));

#endif
