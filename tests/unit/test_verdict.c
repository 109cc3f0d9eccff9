/* Every row of the policy table, through the functions that the product itself uses. */
#include "config/rule.h"
#include "shim/verdict.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

enum column {
    MODE,
    SERVICE,
    PERSONA,
    INSPECTION,
    LOCAL_PROXY,
    EXPIRY,
    EVIDENCE,
    VERDICT,
    VIOLATION,
    COLUMNS
};

static enum switch_mode mode_of(const char *text)
{
    if (strcmp(text, "off") == 0)
        return SWITCH_OFF;
    return strcmp(text, "all-devices") == 0 ? SWITCH_ALL_DEVICES : SWITCH_SPECIFIC_GROUPS;
}

static enum service service_of(const char *text)
{
    for (enum service s = 0; s < SERVICE_COUNT; s++)
        if (strcmp(text, service_name(s)) == 0)
            return s;
    ck_assert_str_eq(text, "custom+inspection");
    return SERVICE_CUSTOM;
}

static struct verdict_rule rule_of(char *row[COLUMNS])
{
    const enum service service = service_of(row[SERVICE]);
    const bool validate = strcmp(row[PERSONA], "validate") == 0;
    const bool own_file =
        service == SERVICE_ENROLLMENT || service == SERVICE_CLOUD || service == SERVICE_CUSTOM;
    const bool applies = own_file || strcmp(row[PERSONA], "none") != 0;
    return (struct verdict_rule){
        .pinned = service_pinned(mode_of(row[MODE]), service, applies, validate),
        .expired_open = strcmp(row[EXPIRY], "expired-open") == 0,
        /* What the entry says: nothing, but for "custom+inspection". */
        .inspectable = service_inspectable(service, strcmp(row[SERVICE], "custom") != 0),
        .inspection = strcmp(row[INSPECTION], "on") == 0,
        .local_proxy = strcmp(row[LOCAL_PROXY], "proxy") == 0,
    };
}

static struct evidence evidence_of(const char *text)
{
    return (struct evidence){
        .certificate = strcmp(text, "no-certificate") != 0,
        .leaf_pinned = strcmp(text, "leaf-pinned") == 0,
        .path_pinned = strcmp(text, "verified-pinned-ca") == 0,
        .seen_pinned = strcmp(text, "sent-pinned-ca") == 0 || strcmp(text, "unverified-pinned-ca") == 0,
        .path_to_proxy_root = strcmp(text, "verified-proxy-root") == 0,
        .path_to_local_root = strcmp(text, "verified-local-root") == 0,
    };
}

START_TEST(every_row_of_the_policy_table_is_judged_as_it_says)
{
    FILE *table = fopen("tests/data/policy-table.tsv", "re");
    ck_assert_ptr_nonnull(table);
    char line[512];
    unsigned rows = 0;
    ck_assert_ptr_nonnull(fgets(line, sizeof line, table)); /* the heading */
    while (fgets(line, sizeof line, table)) {
        char *row[COLUMNS] = {0}, *rest = line;
        for (int i = 0; i < COLUMNS; i++)
            row[i] = strsep(&rest, "\t\n");
        const struct verdict_rule rule = rule_of(row);
        const struct evidence evidence = evidence_of(row[EVIDENCE]);
        const enum verdict verdict = verdict_judge(&rule, &evidence);
        rows++;
        ck_assert_msg(strcmp(verdict_name(verdict), row[VERDICT]) == 0, "row %u: %s, expected %s", rows,
                      verdict_name(verdict), row[VERDICT]);
        ck_assert_msg(verdict_is_violation(verdict) == (strcmp(row[VIOLATION], "yes") == 0), "row %u", rows);
    }
    fclose(table);
    ck_assert_uint_eq(rows, 9450);
}
END_TEST

START_TEST(nothing_known_is_a_violation)
{
    const struct verdict_rule pinned = {.pinned = true};
    const struct evidence nothing = {0};
    const enum verdict zero = {0};
    ck_assert(verdict_is_violation(verdict_judge(&pinned, &nothing)));
    ck_assert(verdict_is_violation(zero));
    ck_assert(verdict_is_violation((enum verdict)99));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("verdict");
    tcase_add_test(tests, every_row_of_the_policy_table_is_judged_as_it_says);
    tcase_add_test(tests, nothing_known_is_a_violation);
    return unit_run("verdict", tests);
}
