#include "tools/diagnosis_view.h"

#include "tools/json_output.h"

#include <stdio.h>
#include <string.h>

static bool is_script(const char *path, const struct diagnosis *diagnosis)
{
    return strcmp(diagnosis->target.file, path) != 0;
}

static const char *way_name(enum tls_way way)
{
    switch (way) {
    case TLS_LINKED:
        return "linked";
    case TLS_INSIDE:
        return "inside";
    case TLS_MAY_LOAD:
        break;
    }
    return "may load";
}

static void print_tls(struct table *table, const struct tls_found *tls)
{
    table_add(table, "%s", tls->way == TLS_MAY_LOAD ? "may load" : "TLS");
    if (tls->way == TLS_INSIDE)
        table_add(table, "%s, inside %s", tls->family, tls->above);
    else if (tls->way == TLS_MAY_LOAD)
        table_add(table, "%s%s: %s is named in %s", tls->family, tls->hooked ? "" : ", no hooks", tls->name,
                  tls->above);
    else
        table_add(table, "%s%s: %s, linked to %s", tls->family, tls->hooked ? "" : ", no hooks",
                  tls->file ? tls->file : tls->name, tls->above);
}

static const char *answer(const struct diagnosis *diagnosis)
{
    switch (diagnosis->reach) {
    case REACH_YES:
        return "can be protected";
    case REACH_PARTLY:
        return "can be protected in part";
    case REACH_NO_HOOKS:
        return "can be started under the library, and nothing is pinned in it";
    case REACH_NO_TLS:
        return "can be protected; no TLS is seen in its files: pinshim doctor PID sees what it has loaded";
    case REACH_NO:
    case REACHES:
        break;
    }
    return "can't be protected, and pinshim run doesn't start it";
}

bool diagnosis_view_print(const char *path, const struct diagnosis *diagnosis)
{
    struct table table;
    table_begin(&table, 2, NULL);
    table_add(&table, "program");
    table_add(&table, "%s", path);
    if (is_script(path, diagnosis)) {
        table_add(&table, "interpreter");
        table_add(&table, "%s", diagnosis->target.file);
    }
    table_add(&table, "answer");
    table_add(&table, "%s", answer(diagnosis));
    if (diagnosis->why[0]) {
        table_add(&table, "why");
        table_add(&table, "%s", diagnosis->why);
    }
    for (size_t i = 0; i < diagnosis->tls_count; i++)
        print_tls(&table, &diagnosis->tls[i]);
    return table_end(&table);
}

void diagnosis_view_titles(struct table *table)
{
    static const char *const titles[] = {"PROGRAM", "TLS", "PROTECTABLE", "WHY"};
    table_begin(table, sizeof titles / sizeof titles[0], titles);
}

/* Each once; those that may be loaded in brackets. */
static void list_tls(const struct diagnosis *diagnosis, char text[256])
{
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; i < diagnosis->tls_count; i++) {
        const struct tls_found *tls = &diagnosis->tls[i];
        bool before = false;
        for (size_t j = 0; j < i; j++)
            before |= strcmp(tls->family, diagnosis->tls[j].family) == 0;
        if (before || length >= 200)
            continue;
        const bool loaded = tls->way == TLS_MAY_LOAD;
        length += (size_t)snprintf(text + length, 256 - length, "%s%s%.40s%s", length ? ", " : "",
                                   loaded ? "(" : "", tls->family, loaded ? ")" : "");
    }
}

void diagnosis_view_row(struct table *table, const char *path, const struct diagnosis *diagnosis)
{
    char tls[256];
    list_tls(diagnosis, tls);
    table_add(table, "%s", path);
    table_add(table, "%s", tls);
    table_add(table, "%s", reach_name(diagnosis->reach));
    if (is_script(path, diagnosis) && diagnosis->why[0])
        table_add(table, "%s: %s", diagnosis->target.file, diagnosis->why);
    else
        table_add(table, "%s", diagnosis->why);
}

static json_t *tls_json(const struct diagnosis *diagnosis)
{
    json_t *list = json_array();
    for (size_t i = 0; i < diagnosis->tls_count; i++) {
        const struct tls_found *tls = &diagnosis->tls[i];
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:b, s:o, s:o, s:o}", "family", tls->family, "way",
                            way_name(tls->way), "hooked", tls->hooked, "name", json_output_string(tls->name),
                            "file", json_output_string(tls->file), "above", json_output_string(tls->above)));
    }
    return list;
}

json_t *diagnosis_view_json(const char *path, const struct diagnosis *diagnosis)
{
    return json_pack("{s:o, s:o, s:b, s:s, s:o, s:o}", "program", json_output_string(path), "file",
                     json_output_string(diagnosis->target.file), "protectable", diagnosis->target.protectable,
                     "state", reach_name(diagnosis->reach), "why",
                     json_output_string(diagnosis->why[0] ? diagnosis->why : NULL), "tls",
                     tls_json(diagnosis));
}
