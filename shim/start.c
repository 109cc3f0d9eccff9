/* What runs when the library is loaded, and nothing else does: no destructor, no thread. */
#include "shim/policy.h"

#include <errno.h>

__attribute__((constructor)) static void start(void)
{
    const int saved = errno;
    policy_start();
    errno = saved;
}

/* By which pthread_atfork knows the library. crtbeginS.o would define it, and is left out, for what it does
 * at each start (Makefile, -nostartfiles); where it is linked, its definition stands. */
extern void *__dso_handle;
__attribute__((weak, visibility("hidden"))) void *__dso_handle = &__dso_handle;
