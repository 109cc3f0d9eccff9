/* What the kernel told a process at its exec: getauxval(3), of another process. */
#ifndef PINSHIM_TOOLS_AUXILIARY_VECTOR_H
#define PINSHIM_TOOLS_AUXILIARY_VECTOR_H

#include <stdint.h>
#include <sys/types.h>

/* The value of a type (AT_...), of a process of either word size; 0: it has none, or can't be looked at. */
uint64_t auxiliary_value(pid_t pid, uint64_t type) __attribute__((warn_unused_result));

#endif
