#include "agent/link.h"

#include "agent/link_socket.h"
#include "agent/quiet.h"

#include <errno.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

/* A packet's way is short: root's process doesn't wait for a front that reads nothing. */
static bool bound(int end)
{
    const struct timeval most = {.tv_sec = 1};
    return setsockopt(end, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most) == 0;
}

bool link_pair(int ends[2])
{
    return link_socket_pair(ends) && pair_prepare(ends, bound);
}

bool link_send(int link, const void *packet, size_t size, int body)
{
    union control control = {0};
    struct iovec part = {(void *)packet, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (body >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.header = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(sizeof body), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), &body, sizeof body);
    }
    ssize_t sent;
    do
        sent = link_socket_send(link, &message);
    while (sent < 0 && errno == EINTR);
    return sent == (ssize_t)size;
}

static int descriptor_of(struct msghdr *message)
{
    int body = -1;
    const struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
        header->cmsg_len == CMSG_LEN(sizeof body))
        memcpy(&body, CMSG_DATA(header), sizeof body);
    return body;
}

/* There is room for one descriptor: CMSG_SPACE, rounded up, would have it for a second one that nobody
 * closes.
 */
bool link_receive(int link, void *packet, size_t size, int *body)
{
    union control control = {0};
    struct iovec part = {packet, size};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = body ? &control : NULL,
                             .msg_controllen = body ? CMSG_LEN(sizeof *body) : 0};
    ssize_t got;
    do
        got = link_socket_receive(link, &message);
    while (got < 0 && errno == EINTR);
    const int received = body ? descriptor_of(&message) : -1;
    const bool whole = got == (ssize_t)size && !(message.msg_flags & (MSG_TRUNC | MSG_CTRUNC));
    if (body)
        *body = whole ? received : -1;
    if (!whole && received >= 0)
        close(received);
    return whole;
}

bool link_etag_is_fine(const char etag[ETAG_SIZE])
{
    const size_t length = strnlen(etag, ETAG_SIZE);
    for (size_t i = 0; i < length; i++)
        if (etag[i] < '!' || etag[i] > '~')
            return false;
    return length < ETAG_SIZE;
}
