/* Looking into a mapped file that somebody may cut short meanwhile: what is gone can't be touched (SIGBUS,
 * mmap(2)). */
#ifndef PINSHIM_TOOLS_CUT_FILE_H
#define PINSHIM_TOOLS_CUT_FILE_H

#include <stdbool.h>

/* Calls `look`. False: it was left in its middle, for the file was cut; what it had opened stays open. A
 * look may hold another one. Not for threads. */
bool cut_file_guard(void (*look)(void *argument), void *argument)
    __attribute__((nonnull(1), warn_unused_result));

#endif
