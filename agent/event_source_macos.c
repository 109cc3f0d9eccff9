#include "agent/event_source.h"

#include "agent/packet.h"

#include <string.h>

static int listener = -1;

static struct {
    struct askers senders;
    char bytes[ASKERS][EVENT_LINE_SIZE + 1];
    size_t next; /* sender to be looked at */
} source;

void event_source_begin(int socket)
{
    listener = socket;
    source.next = 0;
    askers_begin(&source.senders);
}

size_t event_source_list(struct pollfd sources[EVENT_SOURCES])
{
    sources[0] = (struct pollfd){.fd = listener, .events = POLLIN};
    for (size_t i = 0; i < ASKERS; i++)
        sources[1 + i] = (struct pollfd){.fd = source.senders.all[i].fd, .events = POLLIN};
    return EVENT_SOURCES;
}

int64_t event_source_expire(int64_t now)
{
    return askers_expire(&source.senders, now);
}

/* A sender who has given up writes the event itself: packet_read takes it for none. */
static bool read_event(struct asker *sender, char *bytes, struct event_packet *packet)
{
    const enum packet read = packet_read(sender->fd, bytes, sizeof source.bytes[0], &sender->length);
    if (read == PACKET_PART)
        return false;
    if (read == PACKET_WHOLE) {
        packet->size = sender->length;
        memcpy(packet->bytes, bytes, packet->size);
        packet->sender =
            (struct event_sender){.pid = (uint32_t)sender->process, .uid = (uint32_t)sender->user};
        packet_answer(sender->fd, "");
    }
    asker_release(sender);
    return read == PACKET_WHOLE;
}

bool event_source_next(struct event_packet *packet, int64_t now)
{
    if (source.next == 0)
        askers_accept(&source.senders, listener, now);
    while (source.next < ASKERS) {
        const size_t at = source.next++;
        struct asker *sender = &source.senders.all[at];
        if (sender->fd >= 0 && read_event(sender, source.bytes[at], packet))
            return true;
    }
    source.next = 0;
    return false;
}
