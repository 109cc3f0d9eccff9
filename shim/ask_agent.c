#include "shim/ask_agent.h"

#include "shim/agent_protocol.h"
#include "shim/agent_socket.h"
#include "shim/host_pause.h"
#include "shim/sleep.h"
#include "shim/system.h"
#include "shim/text.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

enum {
    PATIENCE = AGENT_WAIT_MS - 50, /* milliseconds; the rest is for judging anew */
    PAUSE = 20,                    /* before a socket with a full queue is tried again */
};

/* The question of this process. */
static struct {
    /* When it is over at the latest in the upper 32 bits, in milliseconds, its host's hash in the lower; 0:
     * there is none. */
    _Atomic uint64_t current;
    _Atomic uint32_t answers; /* that there were: what others sleep on */
    _Atomic int socket;       /* one more than the descriptor; 0: none */
} question;

static struct host_pause asked;

static int64_t milliseconds_now(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* What is left until then, as the kernel wants it; false: nothing. */
static bool time_left(int64_t until, int64_t most, struct timespec *left)
{
    int64_t milliseconds = until - milliseconds_now();
    if (milliseconds > most)
        milliseconds = most;
    *left = (struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000};
    return milliseconds > 0;
}

/* The program's signals come here, too: after one, what is left is reckoned anew. */
static bool wait_to_read(int fd, int64_t until)
{
    struct timespec left;
    while (time_left(until, INT64_MAX, &left)) {
        const int count = agent_socket_wait(fd, &left);
        if (count > 0)
            return true;
        if (count < 0 && errno != EINTR)
            return false;
    }
    return false;
}

static enum agent_answer connect_to_agent(int fd, int64_t until)
{
    struct timespec pause;
    while (!agent_socket_connect(fd)) {
        if (errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == EPERM)
            return AGENT_NOT_ASKED;
        if ((errno != EAGAIN && errno != EINTR) || !time_left(until, PAUSE, &pause))
            return AGENT_NO_ANSWER;
        (void)agent_socket_wait(-1, &pause); /* EAGAIN: too many others are at it */
    }
    return AGENT_ASKED_MEANWHILE;
}

static bool send_request(int fd, const char *host)
{
    char request[AGENT_REQUEST_SIZE + 1];
    struct text text = text_over(request, sizeof request);
    text_add(&text, AGENT_REFRESH " ");
    text_add(&text, host[0] == '*' && host[1] == '.' ? host + 2 : host);
    return text_end(&text) && agent_socket_send(fd, request, text.length);
}

static enum agent_answer answer_of(const char *packet)
{
    static const struct {
        const char *word;
        enum agent_answer answer;
    } words[] = {{AGENT_ANSWER_INSTALLED, AGENT_SAYS_INSTALLED},
                 {AGENT_ANSWER_CURRENT, AGENT_SAYS_CURRENT},
                 {AGENT_ANSWER_FAILED, AGENT_SAYS_FAILED}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_equal(packet, words[i].word))
            return words[i].answer;
    return AGENT_NO_ANSWER;
}

static enum agent_answer hear(int fd, int64_t until)
{
    char packet[AGENT_ANSWER_SIZE + 2]; /* one byte more than there can be: too long an answer is none */
    if (!wait_to_read(fd, until))
        return AGENT_NO_ANSWER;
    const long length = agent_socket_receive(fd, packet, sizeof packet - 1);
    if (length < 0)
        return AGENT_NO_ANSWER;
    packet[length] = '\0';
    return strlen(packet) == (size_t)length ? answer_of(packet) : AGENT_NO_ANSWER;
}

static enum agent_answer talk(int fd, const char *host, int64_t until)
{
    const enum agent_answer connected = connect_to_agent(fd, until);
    if (connected != AGENT_ASKED_MEANWHILE)
        return connected;
    return agent_socket_is_roots(fd) && send_request(fd, host) ? hear(fd, until) : AGENT_NO_ANSWER;
}

static enum agent_answer ask(const char *host, int64_t until)
{
    const int fd = agent_socket_open();
    if (fd < 0)
        return AGENT_NO_ANSWER;
    atomic_store(&question.socket, fd + 1);
    const enum agent_answer answer = talk(fd, host, until);
    atomic_store(&question.socket, 0); /* first: the child of a fork must not close another's */
    system_close(fd);
    return answer;
}

/* How many milliseconds a question has still got; a clock of 32 bits goes round in 49 days. */
static int32_t left_of(uint64_t current, int64_t now)
{
    return current ? (int32_t)((uint32_t)(current >> 32) - (uint32_t)now) : 0;
}

/* Until nobody asks, or for so long as an answer of one's own would be waited for. */
static void wait_for_other(int64_t until)
{
    for (;;) {
        struct timespec left;
        const uint32_t answers = atomic_load(&question.answers);
        const int64_t now = milliseconds_now();
        if (now >= until || !time_left(now + left_of(atomic_load(&question.current), now), PATIENCE, &left))
            return;
        sleep_while(&question.answers, answers, &left);
    }
}

static void end_question(uint64_t mine)
{
    (void)atomic_compare_exchange_strong(&question.current, &mine, 0); /* it may be another's by now */
    atomic_fetch_add(&question.answers, 1);
    sleep_end(&question.answers);
}

enum agent_answer ask_agent(const char *host)
{
    const uint32_t hash = host_pause_hash(host);
    const int64_t now = milliseconds_now(), until = now + PATIENCE;
    const uint64_t mine = (uint64_t)until << 32 | hash;
    uint64_t other = atomic_load(&question.current);
    do {
        if (left_of(other, now) <= 0)
            continue;
        if ((uint32_t)other != hash && !host_pause_claim(&asked, host))
            return AGENT_NOT_ASKED;
        wait_for_other(until);
        return AGENT_ASKED_MEANWHILE;
    } while (!atomic_compare_exchange_strong(&question.current, &other, mine));
    const enum agent_answer answer = host_pause_claim(&asked, host) ? ask(host, until) : AGENT_NOT_ASKED;
    end_question(mine);
    return answer;
}

const char *agent_answer_text(enum agent_answer answer)
{
    static const char *const texts[] = {
        [AGENT_NOT_ASKED] = "not asked",
        [AGENT_NO_ANSWER] = "no answer",
        [AGENT_SAYS_FAILED] = AGENT_ANSWER_FAILED,
        [AGENT_SAYS_CURRENT] = AGENT_ANSWER_CURRENT,
        [AGENT_SAYS_INSTALLED] = AGENT_ANSWER_INSTALLED,
        [AGENT_ASKED_MEANWHILE] = "asked meanwhile",
    };
    return texts[answer];
}

void ask_agent_after_fork(void)
{
    const int socket = atomic_exchange(&question.socket, 0);
    if (socket)
        system_close(socket - 1);
    atomic_store(&question.current, 0);
}
