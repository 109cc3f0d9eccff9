/* What depends on the processor: a file for each. */
#ifndef PINSHIM_HOOKS_ELF_MACHINE_H
#define PINSHIM_HOOKS_ELF_MACHINE_H

#include <stdbool.h>

/* True where a relocation of this type writes the plain address of a function. */
bool machine_binds_function(unsigned type) __attribute__((warn_unused_result));

/* Beside it, the file defines dlopen, dlsym and dlvsym. Each asks its function of symbols.h what to do and
 * does it with the caller's own arguments and return address, by which the loader knows whose scope and
 * search path are meant. */

#endif
