/* Where the agent keeps things. What lies in AGENT_STATE_FOLDER is root's. */
#ifndef PINSHIM_AGENT_PATHS_H
#define PINSHIM_AGENT_PATHS_H

#include "shim/agent_protocol.h"

#define AGENT_LOCAL_POLICY "/etc/pinshim/pinshim.conf" /* the device's own */
#ifndef AGENT_STATE_FOLDER                             /* else another system's: macos.mk */
#define AGENT_STATE_FOLDER "/var/lib/pinshim"
#endif
#define AGENT_BUNDLE AGENT_STATE_FOLDER "/bundle"      /* the installed one */
#define AGENT_PAST   AGENT_STATE_FOLDER "/agent.state" /* past_file.h */

/* Half-done things of an install; emptied at its start. */
#define AGENT_WORK AGENT_STATE_FOLDER "/.agent"

/* What is to be reported (report_queue.h); the unprivileged process's. */
#define AGENT_REPORTS AGENT_STATE_FOLDER "/reports"

#define AGENT_LOCK AGENT_FOLDER "/agent.lock"

#endif
