#include "tools/process_view.h"

#include "tools/json_output.h"
#include "tools/published_text.h"
#include "tools/user_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One text behind the other, with commas; cut where it gets too long. */
static void append(char text[PUBLISHED_TEXT_SIZE], const char *word)
{
    const size_t length = strlen(text);
    snprintf(text + length, PUBLISHED_TEXT_SIZE - length, "%s%s", length ? ", " : "", word);
}

static void list_tls(const struct process *process, char text[PUBLISHED_TEXT_SIZE])
{
    text[0] = '\0';
    for (size_t i = 0; i < process->tls_count; i++) {
        bool before = false;
        for (size_t j = 0; j < i; j++)
            before |= strcmp(process->tls[i].family, process->tls[j].family) == 0;
        if (!before)
            append(text, process->tls[i].family);
    }
}

void process_view_titles(struct table *table)
{
    static const char *const titles[] = {"PID",       "USER",   "PROGRAM",      "TLS",
                                         "PROTECTED", "POLICY", "LAST VERDICT", "WHY"};
    table_begin(table, sizeof titles / sizeof titles[0], titles);
}

void process_view_row(struct table *table, const struct process *process, const struct protection *protection)
{
    char tls[PUBLISHED_TEXT_SIZE], policy[PUBLISHED_TEXT_SIZE], verdict[PUBLISHED_TEXT_SIZE];
    list_tls(process, tls);
    published_policy_text(&process->published, policy);
    published_verdict_text(&process->published, verdict);
    table_add(table, "%d", (int)process->pid);
    table_add(table, "%s", user_name(process->uid));
    table_add(table, "%s", process->name);
    table_add(table, "%s", tls);
    table_add(table, "%s", protection_name(protection->state));
    table_add(table, "%s", policy);
    table_add(table, "%s", verdict);
    table_add(table, "%s", protection->why);
}

static void print_tls(struct table *table, const struct process *process)
{
    for (size_t i = 0; i < process->tls_count; i++) {
        const struct process_tls *tls = &process->tls[i];
        table_add(table, "TLS");
        table_add(table, "%s: %s%s%s%s", tls->family, tls->inside ? "in " : "", tls->file,
                  tls->hooked ? "" : ", no hooks", tls->deleted ? ", deleted since" : "");
    }
}

static void print_published(struct table *table, const struct published *published)
{
    char text[PUBLISHED_TEXT_SIZE];
    published_policy_text(published, text);
    if (text[0]) {
        table_add(table, "policy");
        if (published->policy_version)
            table_add(table, "%s, %s", text, published_policy(published));
        else
            table_add(table, "%s", text);
    }
    published_verdict_text(published, text);
    if (text[0]) {
        table_add(table, "last verdict");
        table_add(table, "%s", text);
        table_add(table, "verdicts");
        table_add(table, "%" PRIu64 " allowed, %" PRIu64 " reported, %" PRIu64 " refused",
                  published->outcomes[OUTCOME_ALLOWED], published->outcomes[OUTCOME_REPORTED],
                  published->outcomes[OUTCOME_REFUSED]);
    }
}

static void print_library(struct table *table, const struct process *process)
{
    const char *version = process->published.library_version;
    table_add(table, "library");
    table_add(table, "%s%s%s", process->library, version[0] ? ", version " : "", version);
    print_published(table, &process->published);
}

bool process_view_print(const struct process *process, const struct protection *protection)
{
    struct table table;
    table_begin(&table, 2, NULL);
    table_add(&table, "process");
    table_add(&table, "%d %s", (int)process->pid, process->name);
    table_add(&table, "user");
    table_add(&table, "%s", user_name(process->uid));
    table_add(&table, "program");
    table_add(&table, "%s", process->program ? process->program : "");
    table_add(&table, "protected");
    table_add(&table, "%s", protection_name(protection->state));
    if (protection->why[0]) {
        table_add(&table, "why");
        table_add(&table, "%s", protection->why);
    }
    print_tls(&table, process);
    if (process->library)
        print_library(&table, process);
    return table_end(&table);
}

static json_t *tls_json(const struct process *process)
{
    json_t *list = json_array();
    for (size_t i = 0; i < process->tls_count; i++) {
        const struct process_tls *tls = &process->tls[i];
        json_array_append_new(list, json_pack("{s:s, s:o, s:b, s:b, s:b}", "family", tls->family, "file",
                                              json_output_string(tls->file), "hooked", tls->hooked, "inside",
                                              tls->inside, "deleted", tls->deleted));
    }
    return list;
}

static json_t *library_json(const struct process *process)
{
    if (!process->library)
        return json_null();
    return json_pack("{s:o, s:o, s:b}", "file", json_output_string(process->library), "version",
                     json_output_string(process->published.library_version), "replaced", process->replaced);
}

static json_t *policy_json(const struct published *published)
{
    char version[PUBLISHED_TEXT_SIZE];
    if (published->publication != PUBLICATION_READ)
        return json_null();
    published_policy_text(published, version);
    return json_pack("{s:s, s:s?}", "state", published_policy(published), "version",
                     published->policy_version ? version : NULL);
}

static json_t *verdicts_json(const struct published *published)
{
    if (published->publication != PUBLICATION_READ)
        return json_null();
    return json_pack("{s:I, s:I, s:I}", "allowed", (json_int_t)published->outcomes[OUTCOME_ALLOWED],
                     "reported", (json_int_t)published->outcomes[OUTCOME_REPORTED], "refused",
                     (json_int_t)published->outcomes[OUTCOME_REFUSED]);
}

static json_t *last_verdict_json(const struct published *published)
{
    char time[PUBLISHED_TIME_SIZE];
    if (!published->judged)
        return json_null();
    return json_pack("{s:s?, s:o, s:s, s:s}", "time", published_time(published, time), "host",
                     json_output_string(published->host), "verdict",
                     verdict_name((enum verdict)published->verdict), "outcome", published_outcome(published));
}

static json_t *protected_json(const struct protection *protection)
{
    if (protection->state == PROTECTION_UNKNOWN)
        return json_null();
    return json_boolean(protection_is_good(protection));
}

json_t *process_view_json(const struct process *process, const struct protection *protection)
{
    return json_pack("{s:i, s:i, s:i, s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "pid",
                     (int)process->pid, "parent", (int)process->parent, "uid", (int)process->uid, "user",
                     json_output_string(user_name(process->uid)), "program",
                     json_output_string(process->name), "file", json_output_string(process->program),
                     "protected", protected_json(protection), "state", protection_name(protection->state),
                     "why", json_output_string(protection->why[0] ? protection->why : NULL), "tls",
                     tls_json(process), "library", library_json(process), "policy",
                     policy_json(&process->published), "verdicts", verdicts_json(&process->published),
                     "last_verdict", last_verdict_json(&process->published));
}
