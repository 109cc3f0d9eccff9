/* The sockets at which others find the agent. */
#ifndef PINSHIM_AGENT_SOCKETS_H
#define PINSHIM_AGENT_SOCKETS_H

/* A socket of this type (SOCK_SEQPACKET: listening) at a path of /run/pinshim, which everybody may connect or
 * send to. To be called by root, whom SO_PEERCRED then names. -1, told. */
int socket_open(const char *path, int type) __attribute__((nonnull, warn_unused_result));

#endif
