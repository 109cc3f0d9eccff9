/* The shim's bounded text: never past its buffer, and JSON that jq reads back as it was meant. */
#include "shim/text.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

START_TEST(a_text_that_fits_is_whole)
{
    char buffer[8];
    struct text text = text_over(buffer, sizeof buffer);
    text_add(&text, "pin");
    text_add_char(&text, '-');
    text_add_number(&text, 7, 3);
    ck_assert(text_end(&text));
    ck_assert_str_eq(buffer, "pin-007");
}
END_TEST

START_TEST(a_text_that_does_not_fit_is_cut_and_says_so)
{
    char buffer[9] = "........";
    struct text text = text_over(buffer, 8);
    text_add(&text, "12345678");
    ck_assert(!text_end(&text));
    ck_assert_str_eq(buffer, "1234567");
    text_add(&text, "more");
    ck_assert(!text_end(&text));
    ck_assert_str_eq(buffer, "1234567");
}
END_TEST

START_TEST(numbers_are_decimal_up_to_64_bits)
{
    char buffer[64];
    struct text text = text_over(buffer, sizeof buffer);
    text_add_number(&text, UINT64_MAX, 1);
    text_add_char(&text, ' ');
    text_add_number(&text, 0, 1);
    text_add_char(&text, ' ');
    text_add_hex64(&text, 0x0123456789abcdefU);
    ck_assert(text_end(&text));
    ck_assert_str_eq(buffer, "18446744073709551615 0 0123456789abcdef");
}
END_TEST

static const struct {
    int64_t seconds;
    const char *text;
} times[] = {
    {0, "1970-01-01T00:00:00Z"},          {951782400, "2000-02-29T00:00:00Z"},
    {1709251199, "2024-02-29T23:59:59Z"}, {1735689599, "2024-12-31T23:59:59Z"},
    {1795460640, "2026-11-23T19:04:00Z"}, {4107542400, "2100-03-01T00:00:00Z"},
    {-1, "1970-01-01T00:00:00Z"},
};

START_TEST(times_are_rfc_3339_in_utc)
{
    char buffer[32];
    struct text text = text_over(buffer, sizeof buffer);
    text_add_time(&text, times[_i].seconds);
    ck_assert(text_end(&text));
    ck_assert_str_eq(buffer, times[_i].text);
}
END_TEST

/* What jq reads from `json`, as JSON of ASCII alone. */
static void read_by_jq(const char *json, char *out, size_t size)
{
    char command[4096];
    snprintf(command, sizeof command, "jq -ja . <<'JSON'\n%s\nJSON\n", json);
    FILE *jq = popen(command, "re");
    ck_assert_ptr_nonnull(jq);
    out[fread(out, 1, size - 1, jq)] = '\0';
    ck_assert_int_eq(pclose(jq), 0);
}

static const char *const strings[] = {"", "plain.example", "a \"quoted\" \\ back", "bell\x07 end\x1f"};

START_TEST(json_strings_are_what_jq_writes_itself)
{
    char json[256], back[256];
    struct text text = text_over(json, sizeof json);
    text_add_json(&text, strings[_i]);
    ck_assert(text_end(&text));
    read_by_jq(json, back, sizeof back);
    ck_assert_str_eq(back, json);
}
END_TEST

START_TEST(every_byte_makes_valid_json)
{
    char string[256], json[2048], back[2048];
    for (int i = 1; i < 256; i++)
        string[i - 1] = (char)i;
    string[255] = '\0';
    struct text text = text_over(json, sizeof json);
    text_add_json(&text, string);
    ck_assert(text_end(&text));
    read_by_jq(json, back, sizeof back);
    ck_assert_uint_gt(strlen(back), 255);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("text");
    tcase_add_test(tests, a_text_that_fits_is_whole);
    tcase_add_test(tests, a_text_that_does_not_fit_is_cut_and_says_so);
    tcase_add_test(tests, numbers_are_decimal_up_to_64_bits);
    tcase_add_loop_test(tests, times_are_rfc_3339_in_utc, 0, sizeof times / sizeof *times);
    tcase_add_loop_test(tests, json_strings_are_what_jq_writes_itself, 0, sizeof strings / sizeof *strings);
    tcase_add_test(tests, every_byte_makes_valid_json);
    return unit_run("text", tests);
}
