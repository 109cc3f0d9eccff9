/* Threads that sleep until another one has done something. A file per system implements it: sleep_linux.c,
 * sleep_macos.c.
 *
 * Async-signal-safe; errno may change.
 */
#ifndef PINSHIM_SHIM_SLEEP_H
#define PINSHIM_SHIM_SLEEP_H

#include <stdint.h>
#include <time.h>

/* Sleeps while the word is `value`, `most` at most; may end before either. */
void sleep_while(_Atomic uint32_t *word, uint32_t value, const struct timespec *most)
    __attribute__((nonnull));

/* Wakes all who sleep by the word, after it was changed. */
void sleep_end(_Atomic uint32_t *word) __attribute__((nonnull));

/* Between two looks at what another thread is about to do without waking anybody: under a scheduler of fixed
 * priorities it could never do it while this one turns. */
static inline void sleep_briefly(void)
{
    static _Atomic uint32_t never;
    const struct timespec briefly = {.tv_nsec = 100000};
    sleep_while(&never, 0, &briefly);
}

#endif
