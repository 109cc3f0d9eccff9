#include "agent/askers.h"

#include "agent/packet.h"
#include "agent/sockets.h"
#include "shim/agent_protocol.h"

#include <string.h>
#include <unistd.h>

void asker_release(struct asker *asker)
{
    close(asker->fd);
    *asker = (struct asker){.fd = -1};
}

void askers_begin(struct askers *askers)
{
    for (size_t i = 0; i < ASKERS; i++)
        askers->all[i] = (struct asker){.fd = -1};
}

/* A place for a connection of this user; NULL: they have enough, or there is none. */
static struct asker *place_for(struct askers *askers, uid_t user)
{
    struct asker *free_place = NULL;
    unsigned theirs = 0;
    for (size_t i = 0; i < ASKERS; i++) {
        if (askers->all[i].fd < 0)
            free_place = &askers->all[i];
        else if (askers->all[i].user == user)
            theirs++;
    }
    return user == 0 || theirs < ASKERS_PER_USER ? free_place : NULL;
}

static void take(struct askers *askers, int fd, int64_t now)
{
    struct peer peer;
    struct asker *place = socket_peer(fd, &peer) ? place_for(askers, peer.user) : NULL;
    if (place)
        *place = (struct asker){
            .fd = fd, .user = peer.user, .process = peer.process, .deadline = now + ASKER_PATIENCE};
    else
        close(fd);
}

void askers_accept(struct askers *askers, int listener, int64_t now)
{
    enum { AT_ONCE = 64 }; /* others have their turn, too */
    for (int i = 0; i < AT_ONCE; i++) {
        const int fd = socket_accept(listener);
        if (fd < 0)
            return;
        take(askers, fd, now);
    }
}

/* RFC 952's letters, an address's, and what A-labels have besides in practice. */
static bool is_host(const char *text, size_t size)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:*";
    for (size_t i = 0; i < size; i++)
        if (!text[i] || !strchr(alphabet, text[i]))
            return false;
    return size > 0 && size <= AGENT_HOST_SIZE;
}

bool ask_is_refresh(const char *packet, size_t size, bool *by_hand)
{
    const size_t word = sizeof AGENT_REFRESH - 1;
    *by_hand = size == word;
    if (size < word || memcmp(packet, AGENT_REFRESH, word) != 0)
        return false;
    return *by_hand || (packet[word] == ' ' && is_host(packet + word + 1, size - word - 1));
}

enum ask askers_read(struct asker *asker)
{
    bool by_hand;
    const enum packet read =
        asker->waiting ? PACKET_NONE
                       : packet_read(asker->fd, asker->request, sizeof asker->request, &asker->length);
    if (read == PACKET_PART)
        return ASK_NOTHING;
    if (read == PACKET_NONE || !ask_is_refresh(asker->request, asker->length, &by_hand)) {
        asker_release(asker); /* a second packet, too: it isn't waited for any more */
        return ASK_NOTHING;
    }
    asker->waiting = true;
    return by_hand && asker->user == 0 ? ASK_FORCED : ASK_REFRESH;
}

void asker_answer(struct asker *asker, const char *word)
{
    packet_answer(asker->fd, word);
    asker_release(asker);
}

void askers_answer_all(struct askers *askers, const char *word)
{
    for (size_t i = 0; i < ASKERS; i++) {
        struct asker *asker = &askers->all[i];
        if (asker->fd >= 0 && asker->waiting && !asker->next)
            asker_answer(asker, word);
        asker->next = false;
    }
}

int64_t askers_expire(struct askers *askers, int64_t now)
{
    int64_t next = -1;
    for (size_t i = 0; i < ASKERS; i++) {
        struct asker *asker = &askers->all[i];
        if (asker->fd < 0 || asker->waiting)
            continue;
        if (asker->deadline <= now)
            asker_release(asker);
        else if (next < 0 || asker->deadline - now < next)
            next = asker->deadline - now;
    }
    return next;
}
