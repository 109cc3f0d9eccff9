/* This program, started by itself. */
#ifndef PINSHIM_AGENT_SELF_H
#define PINSHIM_AGENT_SELF_H

#include <stdbool.h>

/* In this process's place, with these arguments. Returns where it can't be. */
void self_run(char *const arguments[]) __attribute__((nonnull));

/* The kernel ends this process, and what it becomes, with its parent (Linux), or once the seconds are over
 * (macOS, which knows no such tie). */
bool self_bound(unsigned seconds) __attribute__((warn_unused_result));

#endif
