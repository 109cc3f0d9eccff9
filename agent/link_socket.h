/* What carries the packets of link.h: a pair of sockets that wait, which other programs don't get. Linux
 * keeps packets apart (link_socket_linux.c); on macOS's stream they are of fixed size (link_socket_macos.c).
 */
#ifndef PINSHIM_AGENT_LINK_SOCKET_H
#define PINSHIM_AGENT_LINK_SOCKET_H

#include <stdbool.h>
#include <sys/socket.h>

/* False with errno. */
bool link_socket_pair(int ends[2]) __attribute__((nonnull, warn_unused_result));

/* As sendmsg(2) and recvmsg(2) of one part, which is the packet; what comes along is closed in other
 * programs.
 */
ssize_t link_socket_send(int link, const struct msghdr *message) __attribute__((nonnull, warn_unused_result));
ssize_t link_socket_receive(int link, struct msghdr *message) __attribute__((nonnull, warn_unused_result));

#endif
