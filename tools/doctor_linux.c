#include "tools/doctor.h"

#include "tools/command.h"
#include "tools/diagnosis_view.h"
#include "tools/installed_programs.h"
#include "tools/json_output.h"
#include "tools/process_view.h"
#include "tools/report.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static int print_process(const struct process *process, bool json)
{
    struct process parent;
    struct protection protection;
    process_read(process->parent, &parent);
    protection_judge(process, &parent, &protection);
    const bool printed = json ? json_output_document(process_view_json(process, &protection))
                              : process_view_print(process, &protection);
    process_free(&parent);
    return printed && protection_is_good(&protection) ? STATUS_OK : STATUS_ERROR;
}

int doctor_process(const char *text, bool json)
{
    struct process process;
    errno = 0;
    const long pid = strtol(text, NULL, 10);
    if (errno || pid <= 0 || pid > INT_MAX) {
        report_error("%s: no process id", text);
        return STATUS_USAGE;
    }
    process_read((pid_t)pid, &process);
    int status = STATUS_USAGE;
    if (process.look == PROCESS_GONE)
        report_error("%s: no such process, or a part of the kernel", text);
    else
        status = print_process(&process, json);
    process_free(&process);
    return status;
}

static int print_all_json(const struct installed_programs *installed)
{
    json_t *array = json_array();
    for (size_t i = 0; i < installed->count; i++)
        json_array_append_new(
            array, diagnosis_view_json(installed->programs[i].path, installed->programs[i].diagnosis));
    return json_output_document(array) ? STATUS_OK : STATUS_ERROR;
}

static int print_all(const struct installed_programs *installed)
{
    struct table table;
    size_t counts[REACHES] = {0};
    diagnosis_view_titles(&table);
    for (size_t i = 0; i < installed->count; i++) {
        diagnosis_view_row(&table, installed->programs[i].path, installed->programs[i].diagnosis);
        counts[installed->programs[i].diagnosis->reach]++;
    }
    if (!table_end(&table))
        return STATUS_ERROR;
    printf("\n%zu programs (%zu of them scripts), %zu with TLS of their own: %zu that no preload can reach, "
           "%zu without hooks,\n%zu protectable in part, %zu protectable, %zu that may load TLS\n",
           installed->looked_at, installed->scripts, installed->count, counts[REACH_NO],
           counts[REACH_NO_HOOKS], counts[REACH_PARTLY], counts[REACH_YES], counts[REACH_NO_TLS]);
    return STATUS_OK;
}

int doctor_all(bool json)
{
    struct installed_programs installed;
    int status = STATUS_ERROR;
    if (installed_programs_read(&installed))
        status = json ? print_all_json(&installed) : print_all(&installed);
    installed_programs_free(&installed);
    return status;
}
