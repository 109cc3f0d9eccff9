#include "agent/link_socket.h"

bool link_socket_pair(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0;
}

ssize_t link_socket_send(int link, const struct msghdr *message)
{
    return sendmsg(link, message, MSG_NOSIGNAL);
}

ssize_t link_socket_receive(int link, struct msghdr *message)
{
    return recvmsg(link, message, MSG_CMSG_CLOEXEC);
}
