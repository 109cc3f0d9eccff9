/* What the shim and `pinshim refresh` say to the agent, and what it answers: docs/agent.md.
 *
 * A socket of SOCK_SEQPACKET at AGENT_SOCKET, bound and listened on by root (SO_PEERCRED of the client's side
 * says so). One request a connection, one packet: AGENT_REFRESH, or AGENT_REFRESH, a blank and a host (an
 * A-label or an address) for whose sake it is asked. One packet comes back, one of AGENT_ANSWER_*, without a
 * NUL; a connection that says anything else is closed without one.
 *
 * macOS has neither that nor datagrams that tell their sender. There both sockets are streams, on which a
 * packet ends with a newline; one with an event, which has it anyway, is answered by an empty one, once the
 * agent has it, and by nothing else. */
#ifndef PINSHIM_SHIM_AGENT_PROTOCOL_H
#define PINSHIM_SHIM_AGENT_PROTOCOL_H

#ifndef AGENT_FOLDER /* else another system's: macos.mk */
#define AGENT_FOLDER "/run/pinshim"
#endif
#define AGENT_SOCKET        AGENT_FOLDER "/agent.sock"
#define AGENT_EVENTS_SOCKET AGENT_FOLDER "/events.sock" /* SOCK_DGRAM: a line of an event each */

#define AGENT_REFRESH "refresh"

#define AGENT_ANSWER_INSTALLED "installed" /* a newer policy was put in place meanwhile */
#define AGENT_ANSWER_CURRENT   "current"   /* the newest one that there is has been in force already */
#define AGENT_ANSWER_FAILED    "failed"    /* there was no finding out */

enum {
    AGENT_HOST_SIZE = 253,                                               /* bytes of a host's name at most */
    AGENT_REQUEST_SIZE = sizeof AGENT_REFRESH - 1 + 1 + AGENT_HOST_SIZE, /* of a request */
    AGENT_ANSWER_SIZE = sizeof AGENT_ANSWER_INSTALLED - 1,               /* of the longest answer */
    AGENT_WAIT_MS = 3000,                                                /* an asker waits, at most */
    AGENT_EVENT_SIZE = 4096,                                             /* of a datagram with an event */
};

#endif
