/* Requests and answers on macOS's streams: whole packets, bytes that come one by one, too many, and those who
 * hang up. */
#include "tests/unit/macos_agent.h"

#include "tools/agent_link_macos.c" // NOLINT(bugprone-suspicious-include)

#include <stdio.h>

#define HOST "refresh www.example.test"

static int connected(void)
{
    const int fd = agent_socket_open();
    ck_assert(agent_socket_connect(fd));
    return fd;
}

/* The only one there is. */
static struct asker *accepted(void)
{
    struct asker *found = NULL;
    askers_accept(&askers, requests, 0);
    for (size_t i = 0; i < ASKERS; i++)
        if (askers.all[i].fd >= 0)
            found = &askers.all[i];
    ck_assert_ptr_nonnull(found);
    return found;
}

static void give(int fd, const char *bytes, size_t length)
{
    ck_assert_int_eq(send(fd, bytes, length, 0), (ssize_t)length);
}

START_TEST(a_request_and_its_answer_are_a_packet_each)
{
    static const char *const words[] = {AGENT_ANSWER_INSTALLED, AGENT_ANSWER_CURRENT, AGENT_ANSWER_FAILED};
    const struct timespec most = {.tv_sec = PATIENCE / 1000};
    char answer[AGENT_ANSWER_SIZE + 1], longest[AGENT_REQUEST_SIZE + 2];
    (void)snprintf(longest, sizeof longest, "refresh %0*d", AGENT_HOST_SIZE, 0);
    ck_assert_uint_eq(strlen(longest), AGENT_REQUEST_SIZE);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *request = i ? HOST : longest;
        const int fd = connected();
        ck_assert_int_eq(agent_socket_is_roots(fd), geteuid() == 0);
        ck_assert(agent_socket_send(fd, request, strlen(request)));
        struct asker *asker = accepted();
        ck_assert_int_eq(askers_read(asker), ASK_REFRESH);
        ck_assert_uint_eq(asker->length, strlen(request));
        ck_assert_mem_eq(asker->request, request, asker->length);
        ck_assert_int_eq(asker->process, getpid());
        asker_answer(asker, words[i]);
        ck_assert_int_eq(agent_socket_wait(fd, &most), 1);
        ck_assert_int_eq(agent_socket_receive(fd, answer, sizeof answer), (long)strlen(words[i]));
        ck_assert_mem_eq(answer, words[i], strlen(words[i]));
        close(fd);
    }
    longest[AGENT_REQUEST_SIZE] = 'x';
    const int fd = agent_socket_open();
    ck_assert(!agent_socket_send(fd, longest, AGENT_REQUEST_SIZE + 1));
    close(fd);
}
END_TEST

START_TEST(bytes_that_come_one_by_one_are_the_same_packet)
{
    const int fd = connected();
    struct asker *asker = accepted();
    for (const char *byte = HOST; *byte; byte++) {
        give(fd, byte, 1);
        ck_assert_int_eq(askers_read(asker), ASK_NOTHING);
        ck_assert_int_ge(asker->fd, 0);
        ck_assert(!asker->waiting);
    }
    ck_assert_int_eq(askers_read(asker), ASK_NOTHING); /* nothing has come */
    give(fd, "\n", 1);
    ck_assert_int_eq(askers_read(asker), ASK_REFRESH);
    ck_assert_mem_eq(asker->request, HOST, sizeof HOST - 1);
    close(fd);
}
END_TEST

START_TEST(who_goes_on_and_on_has_a_second)
{
    const int fd = connected();
    struct asker *asker = accepted();
    for (const char *byte = HOST; *byte; byte++) {
        give(fd, byte, 1);
        ck_assert_int_eq(askers_read(asker), ASK_NOTHING);
    }
    ck_assert_int_eq(askers_expire(&askers, ASKER_PATIENCE - 1), 1);
    ck_assert_int_eq(askers_expire(&askers, ASKER_PATIENCE), -1);
    ck_assert_int_eq(asker->fd, -1);
    close(fd);
}
END_TEST

static const struct {
    const char *bytes;
    bool hangs_up;
} none[] = {
    {"\n", false},
    {HOST "\n\n", false},
    {HOST "\n" HOST "\n", false},
    {HOST "\nx", false},
    {HOST "\0\n", false},
    {"refresh\n ", false},
    {"installed\n", false},
    {HOST "\n", true},
    {HOST, true},
    {"", true},
};

START_TEST(what_is_no_packet_is_hung_up_on)
{
    const int fd = connected();
    struct asker *asker = accepted();
    const size_t length = _i == 4 ? sizeof HOST + 1 : strlen(none[_i].bytes);
    char answer;
    give(fd, none[_i].bytes, length);
    if (none[_i].hangs_up)
        close(fd);
    enum ask ask = askers_read(asker);
    if (asker->fd >= 0)
        ask = askers_read(asker); /* a part, and then the end */
    ck_assert_int_eq(ask, ASK_NOTHING);
    ck_assert_int_eq(asker->fd, -1);
    if (!none[_i].hangs_up)
        ck_assert_int_le(recv(fd, &answer, 1, 0), 0); /* not a byte of an answer */
    if (!none[_i].hangs_up)
        close(fd);
}
END_TEST

START_TEST(a_request_without_end_is_cut_off)
{
    char bytes[AGENT_REQUEST_SIZE + 1];
    memset(bytes, 'a', sizeof bytes);
    memcpy(bytes, "refresh ", 8);
    const int fd = connected();
    struct asker *asker = accepted();
    give(fd, bytes, AGENT_REQUEST_SIZE);
    ck_assert_int_eq(askers_read(asker), ASK_NOTHING);
    ck_assert_int_ge(asker->fd, 0);
    give(fd, bytes, 1);
    ck_assert_int_eq(askers_read(asker), ASK_NOTHING);
    ck_assert_int_eq(asker->fd, -1);
    close(fd);
}
END_TEST

START_TEST(an_answer_without_its_end_is_none)
{
    static const char *const answers[] = {"current", "", "\nx", "current\nc"};
    char answer[AGENT_ANSWER_SIZE + 1];
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        const int fd = connected();
        struct asker *asker = accepted();
        give(asker->fd, answers[i], strlen(answers[i]));
        asker_release(asker);
        ck_assert_int_eq(agent_socket_receive(fd, answer, sizeof answer), -1);
        close(fd);
    }
}
END_TEST

static bool refresh(void)
{
    char answer[AGENT_ANSWER_SIZE + 1] = "";
    const int fd = agent_link_open(PATIENCE / 1000);
    if (fd < 0)
        return false;
    agent_link_ask(fd, AGENT_REFRESH, answer, AGENT_ANSWER_SIZE);
    return strcmp(answer, AGENT_ANSWER_INSTALLED) == 0;
}

START_TEST(the_command_hears_the_same)
{
    struct pollfd ready = {.fd = requests, .events = POLLIN};
    if (geteuid() != 0)
        return; /* nobody else is asked */
    const pid_t child = child_that(refresh);
    ck_assert_int_eq(poll(&ready, 1, PATIENCE), 1);
    struct asker *asker = accepted();
    enum ask ask = ASK_NOTHING;
    while (ask == ASK_NOTHING && asker->fd >= 0) {
        ready.fd = asker->fd;
        ck_assert_int_eq(poll(&ready, 1, PATIENCE), 1);
        ask = askers_read(asker);
    }
    ck_assert_int_eq(ask, ASK_FORCED);
    asker_answer(asker, AGENT_ANSWER_INSTALLED);
    ck_assert(said_by(child));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("requests");
    tcase_add_test(tests, a_request_and_its_answer_are_a_packet_each);
    tcase_add_test(tests, bytes_that_come_one_by_one_are_the_same_packet);
    tcase_add_test(tests, who_goes_on_and_on_has_a_second);
    tcase_add_loop_test(tests, what_is_no_packet_is_hung_up_on, 0, sizeof none / sizeof *none);
    tcase_add_test(tests, a_request_without_end_is_cut_off);
    tcase_add_test(tests, an_answer_without_its_end_is_none);
    tcase_add_test(tests, the_command_hears_the_same);
    return run("agent_macos", tests);
}
