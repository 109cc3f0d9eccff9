/* Bundles: may one follow the one before. */
#include "bundle/rules.h"
#include "bundle/utc.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <string.h>

enum { DAY = 24 * 60 * 60, NOW = 1000 * DAY };

static const uint8_t ours[BUNDLE_DIGEST_SIZE] = {1}, others[BUNDLE_DIGEST_SIZE] = {2};

/* Version 5, made ten days ago, good for thirty days more. */
static struct bundle_past known_past(void)
{
    struct bundle_past past = {0};
    const struct bundle bundle = {.version = 5, .created = NOW - 10 * DAY, .expires = NOW + 30 * DAY};
    bundle_accept(&past, &bundle, ours, NOW);
    return past;
}

START_TEST(which_bundle_may_follow)
{
    static const struct {
        uint64_t version;
        int64_t created, expires, now;
        const uint8_t *digest;
        enum bundle_ruling ruling;
        const char *reason;
    } cases[] = {
        {6, 0, 60, 0, others, BUNDLE_NEWER, ""},
        {1000000, 0, 60, 0, others, BUNDLE_NEWER, ""},
        {5, -10, 30, 0, ours, BUNDLE_SAME, ""},
        {5, -10, 30, 40, ours, BUNDLE_SAME, ""}, /* expired meanwhile: it stays in force */
        {5, -10, 30, 0, others, BUNDLE_REFUSED, "rollback: there is another bundle of version 5 already"},
        {5, 0, 60, 0, others, BUNDLE_REFUSED, "rollback: there is another bundle of version 5 already"},
        {4, 0, 60, 0, others, BUNDLE_REFUSED, "rollback: version 4 is older than 5, which was accepted"},
        {4, 0, 60, 0, ours, BUNDLE_REFUSED, "rollback: version 4 is older than 5, which was accepted"},
        {6, -11, 60, 0, others, BUNDLE_REFUSED, "version 6 was created before version 5, which was accepted"},
        {6, -5, -1, 0, others, BUNDLE_REFUSED, "version 6 has expired at "},
        {6, -5, -1, -300, others, BUNDLE_REFUSED, "version 6 has expired at "}, /* the clock was set back */
        {6, -5, 1, -300, others, BUNDLE_NEWER, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct bundle_past past = known_past();
        char reason[BUNDLE_ERROR_SIZE] = "";
        const struct bundle bundle = {.version = cases[i].version,
                                      .created = NOW + cases[i].created * DAY,
                                      .expires = NOW + cases[i].expires * DAY};
        ck_assert_int_eq(bundle_judge(&past, &bundle, cases[i].digest, NOW + cases[i].now * DAY, reason),
                         cases[i].ruling);
        ck_assert_msg(strncmp(reason, cases[i].reason, strlen(cases[i].reason)) == 0, "%zu: %s", i, reason);
    }
}
END_TEST

START_TEST(a_clock_that_is_wrong_spoils_no_more_than_was_signed)
{
    struct bundle_past past = known_past();
    char reason[BUNDLE_ERROR_SIZE];
    const struct bundle next = {.version = 6, .created = NOW, .expires = NOW + 60 * DAY};
    bundle_confirm(&past, NOW + 10000 * DAY);
    ck_assert_int_eq(past.time, NOW);
    ck_assert_int_eq(bundle_judge(&past, &next, others, NOW, reason), BUNDLE_NEWER);
    bundle_confirm(&past, NOW + 5 * DAY);
    bundle_confirm(&past, NOW);
    ck_assert_int_eq(past.time, NOW + 5 * DAY);
}
END_TEST

START_TEST(a_bundle_gets_old)
{
    const struct bundle_past past = known_past(), none = {0};
    ck_assert_int_eq(bundle_age(&none, NOW), BUNDLE_FRESH);
    ck_assert_int_eq(bundle_age(&past, NOW), BUNDLE_FRESH);
    ck_assert_int_eq(bundle_age(&past, NOW + 20 * DAY), BUNDLE_FRESH);
    ck_assert_int_eq(bundle_age(&past, NOW + 21 * DAY), BUNDLE_STALE);
    ck_assert_int_eq(bundle_age(&past, NOW + 31 * DAY), BUNDLE_EXPIRED);
}
END_TEST

START_TEST(one_spelling_of_a_time)
{
    static const char *const bad[] = {"",
                                      "2026-01-01",
                                      "2026-01-01T00:00:00",
                                      "2026-01-01T00:00:00+00:00",
                                      "2026-01-01T00:00:00.5Z",
                                      "2026-1-01T00:00:00Z",
                                      "2026-02-29T00:00:00Z",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:00:60Z",
                                      "1969-12-31T23:59:59Z",
                                      " 2026-01-01T00:00:00Z",
                                      "2026-01-01T00:00:00Zx"};
    int64_t seconds;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!utc_read(bad[i], &seconds), "%s", bad[i]);
    ck_assert(utc_read("2028-02-29T23:59:59Z", &seconds));
    ck_assert_int_eq(seconds, 1835481599);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("bundle_past");
    tcase_add_test(tests, which_bundle_may_follow);
    tcase_add_test(tests, a_clock_that_is_wrong_spoils_no_more_than_was_signed);
    tcase_add_test(tests, a_bundle_gets_old);
    tcase_add_test(tests, one_spelling_of_a_time);
    return unit_run("bundle_past", tests);
}
