/* By syscall(2), as shim/system_linux.c. */
#include "shim/sleep.h"

#include "config/call_linux.h"

#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <unistd.h>

void sleep_while(_Atomic uint32_t *word, uint32_t value, const struct timespec *most)
{
    (void)syscall(CALL_FUTEX, word, FUTEX_WAIT_PRIVATE, value, most, NULL, 0);
}

void sleep_end(_Atomic uint32_t *word)
{
    (void)syscall(CALL_FUTEX, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}
