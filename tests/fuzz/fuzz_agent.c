/* The agent's protocol, both ways: any packet as a client's request to the agent, by its own road through a
 * socket, and as the agent's answer to a program, in which the system's calls alone are played. */
#include "agent/askers.h"
#include "shim/agent_protocol.h"
#include "shim/agent_socket.h"
#include "shim/ask_agent.h"
#include "shim/host_pause.h"
#include "tests/fuzz/require.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
    const uint8_t *bytes;
    size_t size;
} packet;

int agent_socket_open(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool agent_socket_connect(int fd)
{
    return fd >= 0;
}

bool agent_socket_is_roots(int fd)
{
    return fd >= 0;
}

bool agent_socket_send(int fd, const char *bytes, size_t length)
{
    bool by_hand;
    return fd >= 0 && ask_is_refresh(bytes, length, &by_hand) && !by_hand;
}

long agent_socket_receive(int fd, char *bytes, size_t size)
{
    const size_t length = packet.size < size ? packet.size : size; /* the rest of a packet is lost */
    require(fd >= 0);
    memcpy(bytes, packet.bytes, length);
    return (long)length;
}

int agent_socket_wait(int fd, const struct timespec *most)
{
    return fd >= 0 && most->tv_nsec >= 0;
}

/* Each input is a question of its own: not once a minute. */
uint32_t host_pause_hash(const char *host)
{
    return (uint8_t)host[0];
}

bool host_pause_claim(struct host_pause *pause, const char *host)
{
    return atomic_load(&pause->done[0]) == 0 && host[0];
}

static bool packet_is(const char *word)
{
    return packet.size == strlen(word) && memcmp(packet.bytes, word, packet.size) == 0;
}

static void hear_answer(void)
{
    const enum agent_answer answer = ask_agent("host.example");
    const bool known = packet_is(AGENT_ANSWER_INSTALLED) || packet_is(AGENT_ANSWER_CURRENT) ||
                       packet_is(AGENT_ANSWER_FAILED);
    require(known == (answer != AGENT_NO_ANSWER));
    require(!known || packet_is(agent_answer_text(answer)));
}

static void require_request(enum ask ask)
{
    const size_t word = strlen(AGENT_REFRESH);
    require(packet.size >= word && packet.size <= AGENT_REQUEST_SIZE);
    require(memcmp(packet.bytes, AGENT_REFRESH, word) == 0);
    require((ask == ASK_FORCED) == (packet.size == word));
    require(ask == ASK_FORCED || (packet.bytes[word] == ' ' && packet.size > word + 1));
}

/* As root asks it, who alone may force a fetch. */
static void ask(void)
{
    int ends[2];
    require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    struct asker asker = {.fd = ends[1], .user = 0};
    if (send(ends[0], packet.bytes, packet.size, 0) == (ssize_t)packet.size) {
        const enum ask answer = askers_read(&asker);
        require((answer != ASK_NOTHING) == (asker.fd >= 0));
        if (answer != ASK_NOTHING) {
            require_request(answer);
            asker_answer(&asker, AGENT_ANSWER_CURRENT);
        }
    } else {
        close(ends[1]);
    }
    close(ends[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    packet.bytes = data;
    packet.size = size;
    hear_answer();
    ask();
    return 0;
}
