/* pinshim status: every process of the host, and whether its TLS is under the policy. */
#include "tools/command.h"
#include "tools/json_output.h"
#include "tools/options.h"
#include "tools/process_list.h"
#include "tools/process_view.h"
#include "tools/report.h"

#include <stdio.h>

static const char help[] = "usage: pinshim status [OPTION...]\n"
                           "\n"
                           "Prints every process: its TLS libraries, whether it is protected, by which\n"
                           "policy version, its last verdict on a pinned host, and why it isn't protected.\n"
                           "Other users' processes are shown as unknown; root sees all.\n"
                           "\n"
                           "  -t, --tls      only processes with TLS in them, or where that is unknown\n"
                           "  -j, --json     one JSON array, an object a process\n"
                           "  -h, --help     this text\n"
                           "  -V, --version  the version\n"
                           "\n"
                           "Exit status: 0 printed, whatever it says; 1 the processes can't be listed;\n"
                           "2 usage.\n";

struct status_options {
    bool tls, json;
};

/* False: return *status. */
static bool read_options(int argc, char **argv, struct status_options *chosen, int *status)
{
    static const struct option longs[] = {
        {"json", no_argument, NULL, 'j'},
        {"tls", no_argument, NULL, 't'},
        OPTIONS_COMMON,
    };
    const struct options options = {help, "jthV", longs, STATUS_USAGE};
    for (int option; (option = options_next(argc, argv, &options, status)) != OPTIONS_END;) {
        if (option == OPTIONS_DONE)
            return false;
        chosen->json |= option == 'j';
        chosen->tls |= option == 't';
    }
    *status = STATUS_USAGE;
    if (optind < argc)
        report_error("'%s': no argument is expected; see pinshim status --help", argv[optind]);
    return optind == argc;
}

/* Calls `show` with each process, and whether it was asked for. */
static void each(const struct process_list *list, const struct status_options *chosen, void *output,
                 void (*show)(void *output, const struct process *process,
                              const struct protection *protection, bool wanted))
{
    for (size_t i = 0; i < list->count; i++) {
        const struct process *process = &list->processes[i];
        struct protection protection;
        protection_judge(process, process_list_find(list, process->parent), &protection);
        show(output, process, &protection, !chosen->tls || protection.state != PROTECTION_NO_TLS);
    }
}

struct rows {
    struct table table;
    size_t counts[PROTECTION_STATES];
};

static void show_row(void *output, const struct process *process, const struct protection *protection,
                     bool wanted)
{
    struct rows *rows = output;
    if (wanted)
        process_view_row(&rows->table, process, protection);
    rows->counts[protection->state]++;
}

static int print_table(const struct process_list *list, const struct status_options *chosen)
{
    struct rows rows = {0};
    process_view_titles(&rows.table);
    each(list, chosen, &rows, show_row);
    if (!table_end(&rows.table))
        return STATUS_ERROR;
    printf("\n%zu processes: %zu protected, %zu partly, %zu reported only, %zu not, %zu unknown, "
           "%zu without TLS\n",
           list->count, rows.counts[PROTECTION_YES], rows.counts[PROTECTION_PARTLY],
           rows.counts[PROTECTION_REPORTED], rows.counts[PROTECTION_NO], rows.counts[PROTECTION_UNKNOWN],
           rows.counts[PROTECTION_NO_TLS]);
    return STATUS_OK;
}

static void show_object(void *output, const struct process *process, const struct protection *protection,
                        bool wanted)
{
    if (wanted)
        json_array_append_new(output, process_view_json(process, protection));
}

static int print_json(const struct process_list *list, const struct status_options *chosen)
{
    json_t *array = json_array();
    each(list, chosen, array, show_object);
    return json_output_document(array) ? STATUS_OK : STATUS_ERROR;
}

int status_main(int argc, char **argv)
{
    struct status_options chosen = {0};
    struct process_list list;
    int status;
    if (!read_options(argc, argv, &chosen, &status))
        return status;
    if (!process_list_read(&list))
        return STATUS_ERROR;
    status = chosen.json ? print_json(&list, &chosen) : print_table(&list, &chosen);
    process_list_free(&list);
    return status;
}
