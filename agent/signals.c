#include "agent/signals.h"

#include <stddef.h>

sigset_t signals_waited_for(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGCHLD);
    return signals;
}

void signals_block(void)
{
    const sigset_t signals = signals_waited_for();
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
}
