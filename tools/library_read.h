/* A library as its platform's format has it. */
#ifndef PINSHIM_TOOLS_LIBRARY_READ_H
#define PINSHIM_TOOLS_LIBRARY_READ_H

#include "tools/library_file.h"

/* Fills in what a file, whose path is in *file, says of itself; of a program, what it needs alone. False: it
 * is none for this machine. */
bool library_read(int fd, bool program, struct library_file *file)
    __attribute__((nonnull, warn_unused_result));

#endif
