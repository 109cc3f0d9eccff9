#include "agent/packet.h"

#include "shim/agent_protocol.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

/* Somebody who has said more, or is gone, hears nothing. */
static bool is_waiting(int fd)
{
    char more;
    return recv(fd, &more, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

enum packet packet_read(int fd, char *bytes, size_t size, size_t *length)
{
    const ssize_t got = recv(fd, bytes + *length, size - *length, MSG_DONTWAIT);
    if (got < 0)
        return errno == EAGAIN || errno == EINTR ? PACKET_PART : PACKET_NONE;
    const char *end = memchr(bytes + *length, '\n', (size_t)got);
    *length += (size_t)got;
    if (!end)
        return got == 0 || *length == size ? PACKET_NONE : PACKET_PART;
    *length -= 1;
    return end == bytes + *length && is_waiting(fd) ? PACKET_WHOLE : PACKET_NONE;
}

/* At once: a reader takes a part for none. No SIGPIPE comes of it, which this process ignores. */
void packet_answer(int fd, const char *word)
{
    char packet[AGENT_ANSWER_SIZE + 1];
    const size_t length = strlen(word);
    if (length > AGENT_ANSWER_SIZE)
        return;
    memcpy(packet, word, length);
    packet[length] = '\n';
    (void)send(fd, packet, length + 1, MSG_DONTWAIT);
}
