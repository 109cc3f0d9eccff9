#include "agent/link_socket.h"

#include "agent/quiet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>

static bool close_in_others(int end)
{
    return fcntl(end, F_SETFD, FD_CLOEXEC) == 0;
}

bool link_socket_pair(int ends[2])
{
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0 && pair_prepare(ends, close_in_others);
}

/* A signal may come in the midst of it. */
ssize_t link_socket_send(int link, const struct msghdr *message)
{
    const struct iovec *packet = message->msg_iov;
    ssize_t sent = sendmsg(link, message, 0);
    while (sent > 0 && (size_t)sent < packet->iov_len) {
        const ssize_t more = send(link, (char *)packet->iov_base + sent, packet->iov_len - (size_t)sent, 0);
        if (more < 0 && errno != EINTR)
            return -1;
        sent += more > 0 ? more : 0;
    }
    return sent;
}

/* One comes with a packet's first byte, or none. */
static void close_on_exec(struct msghdr *message)
{
    int received;
    const struct cmsghdr *header = message->msg_controllen ? CMSG_FIRSTHDR(message) : NULL;
    if (!header || header->cmsg_type != SCM_RIGHTS || header->cmsg_len < CMSG_LEN(sizeof received))
        return;
    memcpy(&received, CMSG_DATA(header), sizeof received);
    (void)close_in_others(received);
}

/* The rest of a packet that came in pieces. Root's process doesn't wait for a front that goes on and on. */
ssize_t link_socket_receive(int link, struct msghdr *message)
{
    enum { PIECES = 16, PATIENCE = 1000 /* milliseconds for each */ };
    const struct iovec *packet = message->msg_iov;
    struct pollfd ready = {.fd = link, .events = POLLIN};
    ssize_t got = recvmsg(link, message, 0);
    if (got > 0)
        close_on_exec(message);
    for (int i = 0; i < PIECES && got > 0 && (size_t)got < packet->iov_len; i++) {
        if (poll(&ready, 1, PATIENCE) == 0)
            break;
        const ssize_t more =
            recv(link, (char *)packet->iov_base + got, packet->iov_len - (size_t)got, MSG_DONTWAIT);
        if (more == 0 || (more < 0 && errno != EAGAIN && errno != EINTR))
            break;
        got += more > 0 ? more : 0;
    }
    return got;
}
