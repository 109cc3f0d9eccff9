/* The unprivileged process: sockets, times, and what a server says. */
#ifndef PINSHIM_AGENT_FRONT_H
#define PINSHIM_AGENT_FRONT_H

/* Serves the listening socket, and that for events, until the other end of the link is closed. Returns an
 * exit status. */
int front_serve(int listener, int events, int link);

#endif
