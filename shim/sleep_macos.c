/* A public call that sleeps by an address came with macOS 14.4 (os_sync_wait_on_address); until the oldest
 * system has it, the word is looked at every few milliseconds. */
#include "shim/sleep.h"

#include <stdatomic.h>
#include <stddef.h>

void sleep_while(_Atomic uint32_t *word, uint32_t value, const struct timespec *most)
{
    enum { LOOK_NANOSECONDS = 10000000 };
    struct timespec pause = *most;
    if (pause.tv_sec > 0 || pause.tv_nsec > LOOK_NANOSECONDS)
        pause = (struct timespec){.tv_nsec = LOOK_NANOSECONDS};
    if (atomic_load(word) == value)
        (void)nanosleep(&pause, NULL);
}

void sleep_end(_Atomic uint32_t *word)
{
    (void)word;
}
