/* Events on macOS's streams: taken once, with their sender, or left to whoever has them. */
#include "tests/unit/macos_agent.h"

#define LINE "{\"event\":\"refresh\"}\n"

static bool tell(void)
{
    return agent_socket_tell(LINE, sizeof LINE - 1, PATIENCE);
}

static bool tell_in_vain(void)
{
    return agent_socket_tell(LINE, sizeof LINE - 1, 1);
}

static bool tell_much(void)
{
    static char line[EVENT_LINE_SIZE + 2];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    return agent_socket_tell(line, sizeof line, PATIENCE);
}

static bool tell_longest(void)
{
    static char line[EVENT_LINE_SIZE];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    return agent_socket_tell(line, sizeof line, PATIENCE);
}

static bool tell_twice(void)
{
    return agent_socket_tell(LINE LINE, 2 * (sizeof LINE - 1), PATIENCE);
}

/* As the front does, until `wanted` events have come or all that have connected are gone. */
static size_t serve(struct event_packet *packet, size_t wanted)
{
    static struct pollfd sources[EVENT_SOURCES];
    size_t taken = 0, held = 1;
    while (taken < wanted && held > 0) {
        const size_t count = event_source_list(sources);
        ck_assert_int_gt(poll(sources, count, PATIENCE), 0);
        taken += event_source_next(packet, 0);
        held = 0;
        for (size_t i = 0; i < ASKERS; i++)
            held += source.senders.all[i].fd >= 0;
    }
    return taken;
}

START_TEST(an_event_is_taken_once_and_with_its_sender)
{
    struct event_packet packet;
    const pid_t child = child_that(tell);
    ck_assert_uint_eq(serve(&packet, 1), 1);
    ck_assert_uint_eq(packet.size, sizeof LINE - 2);
    ck_assert_mem_eq(packet.bytes, LINE, packet.size);
    ck_assert_uint_eq(packet.sender.pid, (uint32_t)child);
    ck_assert_uint_eq(packet.sender.uid, getuid());
    ck_assert(said_by(child));
    ck_assert(!event_source_next(&packet, 0));
    const pid_t longest = child_that(tell_longest);
    ck_assert_uint_eq(serve(&packet, 1), 1);
    ck_assert_uint_eq(packet.size, EVENT_LINE_SIZE - 1);
    ck_assert(said_by(longest));
}
END_TEST

START_TEST(what_is_no_event_is_told_to_its_sender)
{
    static bool (*const acts[])(void) = {tell_much, tell_twice};
    struct event_packet packet;
    const pid_t child = child_that(acts[_i]);
    ck_assert_uint_eq(serve(&packet, 1), 0);
    ck_assert(!said_by(child));
}
END_TEST

START_TEST(who_has_given_up_writes_it_himself_and_nobody_else_does)
{
    struct event_packet packet;
    ck_assert(!said_by(child_that(tell_in_vain)));
    ck_assert_uint_eq(serve(&packet, 1), 0);
    close(events);
    ck_assert(!said_by(child_that(tell))); /* at once: nobody listens */
}
END_TEST

START_TEST(who_connects_and_sends_nothing_has_a_second)
{
    struct event_packet packet;
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = AGENT_EVENTS_SOCKET};
    const int fd = agent_socket_open();
    ck_assert_int_eq(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    ck_assert(!event_source_next(&packet, 0));
    ck_assert_int_eq(event_source_expire(100), ASKER_PATIENCE - 100);
    ck_assert_int_eq(event_source_expire(ASKER_PATIENCE), -1);
    ck_assert_int_eq(agent_socket_receive(fd, packet.bytes, 1), -1);
    close(fd);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("events");
    tcase_add_test(tests, an_event_is_taken_once_and_with_its_sender);
    tcase_add_loop_test(tests, what_is_no_event_is_told_to_its_sender, 0, 2);
    tcase_add_test(tests, who_has_given_up_writes_it_himself_and_nobody_else_does);
    tcase_add_test(tests, who_connects_and_sends_nothing_has_a_second);
    return run("agent_events_macos", tests);
}
