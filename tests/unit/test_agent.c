/* The agent's decisions: what is a request, who may hold how many connections, when to look again. */
#include "agent/askers.h"
#include "agent/link.h"
#include "agent/timer.h"
#include "shim/agent_protocol.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

START_TEST(what_is_a_request)
{
    static const char *const good[] = {"refresh a",
                                       "refresh www.example.test",
                                       "refresh 2001:db8::1",
                                       "refresh xn--bcher-kva.example",
                                       "refresh _srv.example",
                                       "refresh *.a"};
    static const char *const bad[] = {"",
                                      "r",
                                      "refresH",
                                      "refresh ",
                                      "refresh  a",
                                      "refresh a b",
                                      "refresh a\n",
                                      "refresha",
                                      "refresh \xc3\xa4",
                                      "refresh /",
                                      "REFRESH a",
                                      " refresh"};
    bool by_hand;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(ask_is_refresh(good[i], strlen(good[i]), &by_hand), "%s", good[i]);
        ck_assert(!by_hand);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!ask_is_refresh(bad[i], strlen(bad[i]), &by_hand), "%s", bad[i]);
    ck_assert(ask_is_refresh("refresh", 7, &by_hand) && by_hand);
    ck_assert(!ask_is_refresh("refresh\0", 8, &by_hand));
    ck_assert(!ask_is_refresh("refresh a\0", 10, &by_hand));
}
END_TEST

START_TEST(a_host_as_long_as_names_get)
{
    char packet[AGENT_REQUEST_SIZE + 1];
    bool by_hand;
    memset(packet, 'a', sizeof packet);
    memcpy(packet, "refresh ", 8);
    ck_assert_int_eq(AGENT_REQUEST_SIZE, 8 + 253);
    ck_assert(ask_is_refresh(packet, AGENT_REQUEST_SIZE, &by_hand));
    ck_assert(!ask_is_refresh(packet, AGENT_REQUEST_SIZE + 1, &by_hand));
}
END_TEST

START_TEST(a_fleet_looks_again_at_different_times)
{
    ck_assert_int_eq(timer_delay(3600, 0, 0), 3240000);
    ck_assert_int_eq(timer_delay(3600, 0, UINT32_MAX), 3960000);
    ck_assert_int_eq(timer_delay(3600, 1, 0), 27000);
    ck_assert_int_eq(timer_delay(3600, 2, 0), 54000);
    ck_assert_int_eq(timer_delay(3600, 7, 0), 1728000);
    ck_assert_int_eq(timer_delay(3600, 8, 0), 3240000); /* no later than without a failure */
    ck_assert_int_eq(timer_delay(3600, UINT32_MAX, 0), 3240000);
    ck_assert_int_eq(timer_delay(10, 5, UINT32_MAX), 11000);
    ck_assert_int_eq(timer_delay(30 * 24 * 3600, UINT32_MAX, UINT32_MAX), 2851200000);
}
END_TEST

/* A listener in the abstract namespace, whose name the kernel gives. */
static int listener(struct sockaddr_un *address, socklen_t *size)
{
    const int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0);
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    *size = sizeof address->sun_family;
    ck_assert_int_eq(bind(fd, (struct sockaddr *)address, *size), 0);
    *size = sizeof *address;
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)address, size), 0);
    ck_assert_int_eq(listen(fd, 512), 0);
    return fd;
}

static size_t held(const struct askers *askers)
{
    size_t count = 0;
    for (size_t i = 0; i < ASKERS; i++)
        count += askers->all[i].fd >= 0;
    return count;
}

START_TEST(connections_are_bounded)
{
    enum { MANY = ASKERS + 100 };
    static struct askers askers;
    struct sockaddr_un address;
    socklen_t size;
    int clients[MANY];
    const int fd = listener(&address, &size);
    askers_begin(&askers);
    for (int i = 0; i < MANY; i++) {
        clients[i] = socket(AF_UNIX, SOCK_SEQPACKET, 0);
        ck_assert_int_eq(connect(clients[i], (struct sockaddr *)&address, size), 0);
    }
    for (int i = 0; i < MANY / 64 + 1; i++)
        askers_accept(&askers, fd, 0);
    ck_assert_uint_eq(held(&askers), geteuid() == 0 ? ASKERS : ASKERS_PER_USER);
    ck_assert_int_eq(askers_expire(&askers, 400), ASKER_PATIENCE - 400);
    ck_assert_int_eq(send(clients[0], "refresh a", 9, 0), 9);
    for (size_t i = 0; i < ASKERS; i++)
        if (askers.all[i].fd >= 0 && recv(askers.all[i].fd, (char[1]){0}, 1, MSG_PEEK | MSG_DONTWAIT) > 0)
            ck_assert_int_eq(askers_read(&askers.all[i]), ASK_REFRESH);
    ck_assert_int_eq(askers_expire(&askers, ASKER_PATIENCE), -1);
    ck_assert_uint_eq(held(&askers), 1); /* who has asked waits on */
    askers_answer_all(&askers, AGENT_ANSWER_CURRENT);
    ck_assert_uint_eq(held(&askers), 0);
    char answer[16] = "";
    ck_assert_int_eq(recv(clients[0], answer, sizeof answer, 0), 7);
    ck_assert_str_eq(answer, "current");
    for (int i = 0; i < MANY; i++)
        close(clients[i]);
    close(fd);
}
END_TEST

START_TEST(packets_of_another_size_are_none)
{
    int ends[2], body;
    struct link_request request = {.kind = LINK_BUNDLE, .etag = "\"x\""}, got;
    char large[2 * sizeof request] = {0};
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    const int file = memfd_create("x", MFD_CLOEXEC);
    ck_assert(link_send(ends[0], &request, sizeof request, file));
    ck_assert(link_receive(ends[1], &got, sizeof got, &body));
    ck_assert_int_ge(body, 0);
    ck_assert_int_eq(fcntl(body, F_GETFD), FD_CLOEXEC);
    ck_assert_str_eq(got.etag, "\"x\"");
    close(body);
    for (size_t size = 1; size <= sizeof large; size += 7) {
        if (size == sizeof request)
            continue;
        ck_assert(link_send(ends[0], large, size, file));
        ck_assert(!link_receive(ends[1], &got, sizeof got, &body));
        ck_assert_int_eq(body, -1);
    }
    close(ends[0]);
    ck_assert(!link_receive(ends[1], &got, sizeof got, &body));
    close(ends[1]);
    close(file);
}
END_TEST

/* By CMSG_SPACE's rounding there would be room for a second one. */
START_TEST(no_more_than_one_descriptor_is_taken)
{
    int ends[2], body, files[2];
    struct link_request request = {.kind = LINK_BUNDLE}, got;
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof files)];
    } control = {.header = {CMSG_LEN(sizeof files), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec part = {&request, sizeof request};
    const struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    files[0] = files[1] = memfd_create("x", MFD_CLOEXEC);
    memcpy(CMSG_DATA(&control.header), files, sizeof files);
    ck_assert_int_eq(sendmsg(ends[0], &message, 0), sizeof request);
    const int next = dup(files[0]);
    close(next);
    ck_assert(!link_receive(ends[1], &got, sizeof got, &body));
    ck_assert_int_eq(body, -1);
    ck_assert_int_eq(dup(files[0]), next); /* none has come */
    close(next);
    close(files[0]);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* Root's process obeys its signals, whatever the front does. */
START_TEST(who_does_not_read_is_not_waited_for)
{
    int ends[2];
    const struct link_reply reply = {.outcome = LINK_REFUSED};
    ck_assert(link_pair(ends));
    for (int i = 0; link_send(ends[0], &reply, sizeof reply, -1); i++)
        ck_assert_int_lt(i, 10000);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(an_etag_is_printable_and_ends)
{
    char etag[ETAG_SIZE] = "W/\"5f3-abc\"";
    ck_assert(link_etag_is_fine(etag));
    ck_assert(link_etag_is_fine((char[ETAG_SIZE]){0}));
    ck_assert(!link_etag_is_fine((char[ETAG_SIZE]){"\"a b\""}));
    ck_assert(!link_etag_is_fine((char[ETAG_SIZE]){"\"a\r\nCookie: x\""}));
    memset(etag, 'a', sizeof etag);
    ck_assert(!link_etag_is_fine(etag));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("agent");
    tcase_add_test(tests, what_is_a_request);
    tcase_add_test(tests, a_host_as_long_as_names_get);
    tcase_add_test(tests, a_fleet_looks_again_at_different_times);
    tcase_add_test(tests, connections_are_bounded);
    tcase_add_test(tests, packets_of_another_size_are_none);
    const char *emulator = getenv("PINSHIM_EMULATOR"); /* qemu makes a kernel's room of its own size */
    if (!emulator || !*emulator)
        tcase_add_test(tests, no_more_than_one_descriptor_is_taken);
    tcase_add_test(tests, who_does_not_read_is_not_waited_for);
    tcase_add_test(tests, an_etag_is_printable_and_ends);
    return unit_run("agent", tests);
}
