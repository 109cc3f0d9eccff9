/* The sockets at which others find the agent, and who they are. */
#ifndef PINSHIM_AGENT_SOCKETS_H
#define PINSHIM_AGENT_SOCKETS_H

#include <stdbool.h>
#include <sys/types.h>

enum socket_use { SOCKET_REQUESTS, SOCKET_EVENTS };

/* A process at the other end: the kernel says so. */
struct peer {
    uid_t user;
    pid_t process;
};

/* A socket at a path of AGENT_FOLDER, which everybody may connect or send to. To be called by root, whom the
 * other side then finds there. -1, told. */
int socket_open(const char *path, enum socket_use use) __attribute__((nonnull, warn_unused_result));

/* A file per system (sockets_linux.c, sockets_macos.c) has the rest. None of these sockets waits, and no
 * other program gets one; -1: errno says why. */

/* Linux: SOCK_SEQPACKET for requests, SOCK_DGRAM for events, which tells who sends each. macOS, which hasn't
 * these: SOCK_STREAM for both. */
int socket_new(enum socket_use use) __attribute__((warn_unused_result));

int socket_accept(int listener) __attribute__((warn_unused_result));

/* False: that can't be told. */
bool socket_peer(int fd, struct peer *peer) __attribute__((nonnull, warn_unused_result));

#endif
