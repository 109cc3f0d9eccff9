/* macOS's pair of processes, on Linux: packets of fixed size on a stream, a file that is copied, signals that
 * a pipe tells of. */
#include "tests/unit/macos_names.h"
#include "tests/unit/unit.h"

// NOLINTBEGIN(bugprone-suspicious-include)
#include "agent/body_macos.c"
#include "agent/link.c"
#include "agent/link_socket_macos.c"
#include "agent/signals_macos.c"
// NOLINTEND(bugprone-suspicious-include)

#include <check.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

static int ends[2];

static void begin(void)
{
    (void)signal(SIGPIPE, SIG_IGN);
    ck_assert(link_pair(ends));
}

static void end(void)
{
    close(ends[0]);
    close(ends[1]);
}

/* An end that other programs don't get, with the bytes of ours. */
static void expect_body(int body, const char *text)
{
    char bytes[16] = "";
    ck_assert_int_ge(body, 0);
    ck_assert_int_eq(fcntl(body, F_GETFD), FD_CLOEXEC);
    ck_assert_int_eq(pread(body, bytes, sizeof bytes, 0), (ssize_t)strlen(text));
    ck_assert_str_eq(bytes, text);
    close(body);
}

START_TEST(packets_stay_apart)
{
    const struct link_request first = {.kind = LINK_BUNDLE, .etag = "\"1\""},
                              second = {.kind = LINK_UNCHANGED};
    struct link_request got;
    int body;
    const int sent = body_new();
    ck_assert_int_eq(write(sent, "bundle", 6), 6);
    ck_assert(link_send(ends[0], &first, sizeof first, sent));
    ck_assert(link_send(ends[0], &second, sizeof second, -1));
    ck_assert(link_receive(ends[1], &got, sizeof got, &body));
    ck_assert_mem_eq(&got, &first, sizeof got);
    expect_body(body, "bundle");
    ck_assert(link_receive(ends[1], &got, sizeof got, &body));
    ck_assert_mem_eq(&got, &second, sizeof got);
    ck_assert_int_eq(body, -1);
    close(sent);
}
END_TEST

/* By a process of its own: a piece each, and none before the one before was read. */
static void send_pieces(const char *packet, size_t size, size_t piece)
{
    if (fork() != 0)
        return;
    (void)alarm(10);
    close(ends[1]);
    for (size_t done = 0; done < size; done += piece) {
        const size_t length = size - done < piece ? size - done : piece;
        int waiting = 1;
        if (send(ends[0], packet + done, length, 0) != (ssize_t)length)
            _exit(1);
        while (waiting > 0)
            if (ioctl(ends[0], SIOCOUTQ, &waiting) != 0)
                _exit(1);
    }
    _exit(0);
}

START_TEST(a_packet_in_pieces_is_whole)
{
    struct link_reply reply = {.outcome = LINK_INSTALLED, .interval = 7, .url = "https://a.example"}, got;
    memset(reply.etag, 'e', sizeof reply.etag - 1);
    send_pieces((const char *)&reply, sizeof reply, sizeof reply / 8);
    ck_assert(link_receive(ends[1], &got, sizeof got, NULL));
    ck_assert_mem_eq(&got, &reply, sizeof got);
}
END_TEST

START_TEST(a_front_that_goes_on_and_on_is_none)
{
    struct link_request request = {.kind = LINK_UNCHANGED}, got;
    int body;
    send_pieces((const char *)&request, sizeof request, 4);
    ck_assert(!link_receive(ends[1], &got, sizeof got, &body));
    ck_assert_int_eq(body, -1);
}
END_TEST

START_TEST(half_a_packet_is_none)
{
    const struct link_request request = {.kind = LINK_UNCHANGED};
    struct link_request got;
    int body;
    ck_assert_int_gt(send(ends[0], &request, sizeof request / 2, 0), 0);
    if (_i)
        (void)shutdown(ends[0], SHUT_WR); /* else the rest never comes */
    ck_assert(!link_receive(ends[1], &got, sizeof got, &body));
    ck_assert_int_eq(body, -1);
}
END_TEST

START_TEST(who_does_not_read_is_not_waited_for)
{
    const struct link_reply reply = {.outcome = LINK_REFUSED};
    for (int i = 0; link_send(ends[0], &reply, sizeof reply, -1); i++)
        ck_assert_int_lt(i, 10000);
}
END_TEST

START_TEST(only_a_file_is_read_and_as_it_is_now)
{
    int pipes[2];
    const int body = body_new();
    ck_assert_int_eq(write(body, "bundle", 6), 6);
    ck_assert(body_seal(body) && body_is_fit(body));
    const void *bytes = body_read(body, 6);
    ck_assert_int_eq(pwrite(body, "forged", 6, 0), 6);
    ck_assert_mem_eq(bytes, "bundle", 6);
    body_free(bytes, 6);
    ck_assert_int_eq(ftruncate(body, 5), 0);
    ck_assert_ptr_null(body_read(body, 6));
    ck_assert_int_eq(errno, ENODATA);
    ck_assert_int_eq(pipe(pipes), 0);
    ck_assert(!body_is_fit(pipes[0]));
    ck_assert(!body_is_fit(ends[0]));
    ck_assert(!body_is_fit(-1));
    close(pipes[0]);
    close(pipes[1]);
    close(body);
}
END_TEST

START_TEST(a_signal_is_told_of_also_one_that_came_before)
{
    const sigset_t waited = signals_waited_for();
    ck_assert_int_eq(sigprocmask(SIG_BLOCK, &waited, NULL), 0);
    ck_assert_int_eq(raise(SIGHUP), 0);
    const int signals = signals_open();
    ck_assert_int_eq(signals_take(signals), SIGHUP);
    ck_assert_int_eq(signals_take(signals), 0);
    struct pollfd ready = {.fd = signals, .events = POLLIN};
    ck_assert_int_eq(poll(&ready, 1, 0), 0);
    ck_assert_int_eq(raise(SIGTERM), 0);
    ck_assert_int_eq(raise(SIGCHLD), 0);
    ck_assert_int_eq(raise(SIGINT), 0);
    ck_assert_int_eq(poll(&ready, 1, 0), 1);
    ck_assert_int_eq(signals_take(signals), SIGTERM);
    ck_assert_int_eq(signals_take(signals), SIGCHLD);
    ck_assert_int_eq(signals_take(signals), SIGINT);
    ck_assert_int_eq(signals_take(signals), 0);
    for (int i = 0; i < 100000; i++) /* more than a pipe holds */
        ck_assert_int_eq(raise(SIGHUP), 0);
    ck_assert_int_eq(signals_take(signals), SIGHUP);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("link");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_test(tests, packets_stay_apart);
    tcase_add_test(tests, a_packet_in_pieces_is_whole);
    tcase_add_test(tests, a_front_that_goes_on_and_on_is_none);
    tcase_add_loop_test(tests, half_a_packet_is_none, 0, 2);
    tcase_add_test(tests, who_does_not_read_is_not_waited_for);
    tcase_add_test(tests, only_a_file_is_read_and_as_it_is_now);
    tcase_add_test(tests, a_signal_is_told_of_also_one_that_came_before);
    return unit_run("agent_link_macos", tests);
}
