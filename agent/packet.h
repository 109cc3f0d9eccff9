/* One packet of a connection, and the answer to it. Linux's SOCK_SEQPACKET keeps them apart (packet_linux.c);
 * on macOS's stream a packet is some bytes without a newline, and a newline (packet_macos.c). */
#ifndef PINSHIM_AGENT_PACKET_H
#define PINSHIM_AGENT_PACKET_H

#include <stddef.h>

enum packet {
    PACKET_NONE = 0, /* what has come is none, or the other side is gone: it is to be hung up */
    PACKET_PART,     /* more has to come */
    PACKET_WHOLE
};

/* Reads on, without waiting: *length bytes of it, 0 at first, are in `bytes`, which must have room for one
 * more than the longest packet. */
enum packet packet_read(int fd, char *bytes, size_t size, size_t *length)
    __attribute__((nonnull, warn_unused_result));

/* Without waiting; what can't be sent is lost. */
void packet_answer(int fd, const char *word) __attribute__((nonnull));

#endif
