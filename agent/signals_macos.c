/* A pipe that handlers write to: macOS has no signalfd. */
#include "agent/signals.h"

#include "agent/quiet.h"

#include <errno.h>
#include <unistd.h>

static int written = -1; /* the end that handlers write to */

/* One byte; where the pipe is full, there is enough to read. */
static void note(int number)
{
    const int saved = errno;
    const unsigned char byte = (unsigned char)number;
    (void)!write(written, &byte, 1);
    errno = saved;
}

static bool handle(const sigset_t *waited)
{
    const struct sigaction action = {.sa_handler = note, .sa_mask = *waited, .sa_flags = SA_RESTART};
    for (int number = 1; number < NSIG; number++)
        if (sigismember(waited, number) == 1 && sigaction(number, &action, NULL) != 0)
            return false;
    return sigprocmask(SIG_UNBLOCK, waited, NULL) == 0;
}

int signals_open(void)
{
    int ends[2];
    const sigset_t waited = signals_waited_for();
    if (!quiet_pipe(ends))
        return -1;
    written = ends[1];
    return handle(&waited) ? ends[0] : -1;
}

int signals_take(int signals)
{
    unsigned char byte;
    return read(signals, &byte, 1) == 1 ? byte : 0;
}
