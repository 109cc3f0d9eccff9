/* Asks the agent of this machine, which may know fresher pins (shim/agent_protocol.h), and waits for its
 * answer.
 *
 * What it says is told in an event, and never believed: whoever asked looks for a newer policy himself.
 *
 * Waits AGENT_WAIT_MS at most, with no lock held. Thread-safe, safe after fork, async-signal-safe; no signal,
 * no descriptor that outlives the call, not even in the child of a fork meanwhile; errno may change.
 */
#ifndef PINSHIM_SHIM_ASK_AGENT_H
#define PINSHIM_SHIM_ASK_AGENT_H

enum agent_answer {
    AGENT_NOT_ASKED = 0,  /* there is none, or it was asked about this host within the last minute */
    AGENT_NO_ANSWER,      /* not in time, or nothing that an agent of root's says */
    AGENT_SAYS_FAILED,    /* it couldn't find out whether there is a newer policy */
    AGENT_SAYS_CURRENT,   /* there is none */
    AGENT_SAYS_INSTALLED, /* it has put one in place */
    AGENT_ASKED_MEANWHILE /* another thread had asked, and has its answer now, or its time is over */
};

/* For a host (an A-label or an address, "*." before it left out). At most once a minute for each, and one
 * question at a time in a process: whoever has another meanwhile waits for the end of that one. */
enum agent_answer ask_agent(const char *host) __attribute__((nonnull, warn_unused_result));

/* As an event says it. */
const char *agent_answer_text(enum agent_answer answer) __attribute__((returns_nonnull, const));

/* In the child of a fork: no other thread is asking any more. */
void ask_agent_after_fork(void);

#endif
