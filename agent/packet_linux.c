#include "agent/packet.h"

#include <string.h>
#include <sys/socket.h>

enum packet packet_read(int fd, char *bytes, size_t size, size_t *length)
{
    const ssize_t got = recv(fd, bytes, size, MSG_TRUNC);
    if (got < 0 || (size_t)got >= size)
        return PACKET_NONE;
    *length = (size_t)got;
    return PACKET_WHOLE;
}

void packet_answer(int fd, const char *word)
{
    (void)send(fd, word, strlen(word), MSG_NOSIGNAL | MSG_DONTWAIT);
}
