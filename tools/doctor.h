/* What `pinshim doctor` says beyond a program's files: doctor_linux.c; on macOS that it can't
 * (absent_macos.c). Each returns an exit status. */
#ifndef PINSHIM_TOOLS_DOCTOR_H
#define PINSHIM_TOOLS_DOCTOR_H

#include <stdbool.h>

/* `text`: a process id, in digits. */
int doctor_process(const char *text, bool json) __attribute__((nonnull));
int doctor_all(bool json);

#endif
