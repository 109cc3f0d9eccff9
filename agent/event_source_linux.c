#include "agent/event_source.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static int datagrams = -1;

void event_source_begin(int socket)
{
    datagrams = socket;
}

size_t event_source_list(struct pollfd sources[EVENT_SOURCES])
{
    sources[0] = (struct pollfd){.fd = datagrams, .events = POLLIN};
    return 1;
}

int64_t event_source_expire(int64_t now)
{
    (void)now;
    return -1;
}

/* Nobody: who can't be told apart shares one place. */
static struct event_sender sender_of(struct msghdr *message)
{
    const struct cmsghdr *control = CMSG_FIRSTHDR(message);
    struct ucred user = {.uid = UINT32_MAX};
    if (control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_CREDENTIALS)
        memcpy(&user, CMSG_DATA(control), sizeof user);
    return (struct event_sender){.pid = (uint32_t)user.pid, .uid = user.uid};
}

/* Descriptors that come along find no room, and are closed by the kernel. */
bool event_source_next(struct event_packet *packet, int64_t now)
{
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr aligned;
    } control;
    struct iovec part = {packet->bytes, sizeof packet->bytes};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes};
    ssize_t size;
    (void)now;
    do {
        message.msg_controllen = sizeof control.bytes;
        size = recvmsg(datagrams, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (size < 0 && errno == EINTR);
    if (size < 0)
        return false;
    packet->size = message.msg_flags & MSG_TRUNC ? 0 : (size_t)size;
    packet->sender = sender_of(&message);
    return true;
}
