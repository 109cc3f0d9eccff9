#include "tools/process_list.h"

#include "tools/progress.h"
#include "tools/report.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int is_process(const struct dirent *entry)
{
    return strspn(entry->d_name, "0123456789") == strlen(entry->d_name);
}

static long pid_of(const struct dirent *entry)
{
    return strtol(entry->d_name, NULL, 10);
}

static int by_pid(const struct dirent **a, const struct dirent **b)
{
    const long first = pid_of(*a), second = pid_of(*b);
    return (first > second) - (first < second);
}

bool process_list_read(struct process_list *list)
{
    struct dirent **entries;
    const int count = scandir("/proc", &entries, is_process, by_pid);
    *list = (struct process_list){0};
    if (count < 0) {
        report_error("/proc: %s", strerror(errno));
        return false;
    }
    list->processes = calloc((size_t)count + 1, sizeof *list->processes);
    for (int i = 0; i < count; i++) {
        struct process *process = list->processes ? &list->processes[list->count] : NULL;
        if (process) {
            process_read((pid_t)pid_of(entries[i]), process);
            if (process->look == PROCESS_GONE)
                process_free(process);
            else
                list->count++;
        }
        free(entries[i]);
        progress_show((size_t)i + 1, (size_t)count, "processes");
    }
    free(entries);
    progress_end();
    if (!list->processes)
        report_error("out of memory");
    return list->processes;
}

void process_list_free(struct process_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        process_free(&list->processes[i]);
    free(list->processes);
}

static int compare(const void *pid, const void *process)
{
    const pid_t wanted = *(const pid_t *)pid, found = ((const struct process *)process)->pid;
    return (wanted > found) - (wanted < found);
}

const struct process *process_list_find(const struct process_list *list, pid_t pid)
{
    return bsearch(&pid, list->processes, list->count, sizeof *list->processes, compare);
}
