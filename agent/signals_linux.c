#include "agent/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

int signals_open(void)
{
    const sigset_t waited = signals_waited_for();
    return signalfd(-1, &waited, SFD_CLOEXEC | SFD_NONBLOCK);
}

int signals_take(int signals)
{
    struct signalfd_siginfo signal;
    return read(signals, &signal, sizeof signal) == sizeof signal ? (int)signal.ssi_signo : 0;
}
