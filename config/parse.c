#include "config/parse.h"

#include "config/read.h"
#include "config/scan.h"

#include <stdlib.h>
#include <string.h>

typedef void read_root(struct policy_text *policy, const struct file *file, const config_setting_t *root);

static void parse(struct policy_text *policy, const struct file *file, const char *text, read_root *read)
{
    config_t config;
    config_init(&config);
    if (config_read_string(&config, text) == CONFIG_TRUE)
        read(policy, file, config_root_setting(&config));
    else
        diagnostics_add(file->diagnostics, SEVERITY_ERROR, file->name,
                        (unsigned)config_error_line(&config) + file->lines_before, "%s",
                        config_error_text(&config));
    config_destroy(&config);
}

/* A batch of the list's elements, as if it were the whole. */
static bool parse_batch(struct policy_text *policy, const struct file *file, const struct domain_batch *batch)
{
    char *text = NULL;
    struct file part = *file;
    part.lines_before = batch->line - 1;
    part.elements_before = batch->first;
    if (asprintf(&text, "domains=(%.*s);", (int)batch->length, batch->start) < 0)
        return false;
    parse(policy, &part, text, read_device_domains);
    free(text);
    return true;
}

/* The file, with only the line ends of the list left. */
static bool parse_rest(struct policy_text *policy, const struct file *file, const char *text, size_t length,
                       const struct domain_list *list)
{
    const struct domain_batch *first = &list->batches[0], *last = &list->batches[list->count - 1];
    const char *end = last->start + last->length;
    const size_t before = (size_t)(first->start - text), after = length - (size_t)(end - text);
    char *rest = malloc(length + 1), *at = rest;
    if (!rest)
        return false;
    memcpy(at, text, before);
    at += before;
    for (const char *c = first->start; (c = memchr(c, '\n', (size_t)(end - c))); c++)
        *at++ = '\n';
    memcpy(at, end, after + 1);
    parse(policy, file, rest, read_device);
    free(rest);
    return true;
}

static bool parse_in_batches(struct policy_text *policy, const struct file *file, const char *text,
                             size_t length, const struct domain_list *list)
{
    bool done = parse_rest(policy, file, text, length, list);
    for (size_t i = 0; done && i < list->count; i++) {
        done = parse_batch(policy, file, &list->batches[i]);
        if (policy->progress)
            policy->progress((unsigned)(i + 1) * DOMAIN_BATCH, list->elements);
    }
    return done;
}

void parse_device(struct policy_text *policy, const struct file *file, const char *text, size_t length)
{
    struct domain_list list = {0};
    if (!scan_text(file->name, text, length, &list, file->diagnostics)) {
        /* told */
    } else if (list.state != DOMAIN_LIST_WHOLE) {
        parse(policy, file, text, read_device);
    } else if (!parse_in_batches(policy, file, text, length, &list)) {
        diagnostics_add(file->diagnostics, SEVERITY_ERROR, file->name, 0, "out of memory");
    }
    domain_list_free(&list);
}

void parse_persona(struct policy_text *policy, const struct file *file, const char *text, size_t length)
{
    struct domain_list list = {0};
    if (scan_text(file->name, text, length, &list, file->diagnostics))
        parse(policy, file, text, read_persona);
    domain_list_free(&list);
}
