/* The signals that root's process waits for (SIGHUP, SIGTERM, SIGINT, SIGCHLD), as a descriptor to poll. */
#ifndef PINSHIM_AGENT_SIGNALS_H
#define PINSHIM_AGENT_SIGNALS_H

#include <signal.h>

sigset_t signals_waited_for(void);

/* Before another process is started, so that none is lost. */
void signals_block(void);

/* Readable where one has come, also before this call. It is there until the process ends. -1 with errno. */
int signals_open(void) __attribute__((warn_unused_result));

/* The next one; 0: none. */
int signals_take(int signals) __attribute__((warn_unused_result));

#endif
