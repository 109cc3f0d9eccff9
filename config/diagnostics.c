#include "config/diagnostics.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more; false where memory is out. */
static bool reserve(struct diagnostics *diagnostics)
{
    if (diagnostics->count < diagnostics->capacity)
        return true;
    const size_t capacity = diagnostics->capacity ? diagnostics->capacity * 2 : 16;
    struct diagnostic *items = reallocarray(diagnostics->items, capacity, sizeof *items);
    if (!items)
        return false;
    diagnostics->items = items;
    diagnostics->capacity = capacity;
    return true;
}

static void release(struct diagnostic *diagnostic)
{
    free(diagnostic->file);
    free(diagnostic->message);
}

/* A string of a policy may hold line ends and the terminal's control characters. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

const char *severity_name(enum severity severity)
{
    return severity == SEVERITY_ERROR ? "error" : "warning";
}

void diagnostics_add(struct diagnostics *diagnostics, enum severity severity, const char *file, unsigned line,
                     const char *format, ...)
{
    struct diagnostic added = {.severity = severity, .line = line, .file = strdup(file)};
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&added.message, format, arguments) < 0)
        added.message = NULL;
    va_end(arguments);
    if (severity == SEVERITY_ERROR)
        diagnostics->errors++;
    if (added.file && added.message && reserve(diagnostics))
        diagnostics->items[diagnostics->count++] = added;
    else
        release(&added);
}

char *diagnostic_text(const struct diagnostic *diagnostic)
{
    const char *kind = severity_name(diagnostic->severity);
    char *text;
    const int length =
        diagnostic->line
            ? asprintf(&text, "%s:%u: %s: %s", diagnostic->file, diagnostic->line, kind, diagnostic->message)
            : asprintf(&text, "%s: %s: %s", diagnostic->file, kind, diagnostic->message);
    if (length < 0)
        return NULL;
    make_printable(text);
    return text;
}

void diagnostics_print(const struct diagnostics *diagnostics, FILE *stream)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        char *text = diagnostic_text(&diagnostics->items[i]);
        fprintf(stream, "%s\n", text ? text : "error: out of memory");
        free(text);
    }
    if (diagnostics->errors && !diagnostics->count)
        fprintf(stream, "error: out of memory\n");
}

void diagnostics_free(struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->count; i++)
        release(&diagnostics->items[i]);
    free(diagnostics->items);
    *diagnostics = (struct diagnostics){0};
}
