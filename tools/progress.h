/* One line on a terminal that stderr is, about work that takes its time; elsewhere nothing. */
#ifndef PINSHIM_TOOLS_PROGRESS_H
#define PINSHIM_TOOLS_PROGRESS_H

#include <stddef.h>

/* "12 of 300 processes", a few times a second. */
void progress_show(size_t done, size_t all, const char *what) __attribute__((nonnull));

/* Wipes it out, before anything else is written. */
void progress_end(void);

#endif
