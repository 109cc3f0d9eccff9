/* Included before everything else in programs that the loader runs: errno is Linux's there, whose libraries
 * look at it, too. */
#include <errno.h>
#undef EAGAIN
#define EAGAIN 11
