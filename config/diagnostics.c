#include "config/diagnostics.h"

#include <stdarg.h>
#include <stdlib.h>

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

/* A string of a policy may hold line ends and the terminal's control characters. */
static void make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
}

void diagnostics_add(struct diagnostics *diagnostics, enum severity severity, const char *file, unsigned line,
                     const char *format, ...)
{
    const char *kind = severity == SEVERITY_ERROR ? "error" : "warning";
    char *message = NULL, *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    const int length = vasprintf(&message, format, arguments);
    va_end(arguments);
    if (severity == SEVERITY_ERROR)
        diagnostics->errors++;
    if (length < 0)
        return;
    const int whole = line ? asprintf(&text, "%s:%u: %s: %s", file, line, kind, message)
                           : asprintf(&text, "%s: %s: %s", file, kind, message);
    free(message);
    if (whole < 0)
        return;
    make_printable(text);
    if (reserve(diagnostics))
        diagnostics->items[diagnostics->count++] = (struct diagnostic){severity, text};
    else
        free(text);
}

void diagnostics_print(const struct diagnostics *diagnostics, FILE *stream)
{
    for (size_t i = 0; i < diagnostics->count; i++)
        fprintf(stream, "%s\n", diagnostics->items[i].text);
    if (diagnostics->errors && !diagnostics->count)
        fprintf(stream, "error: out of memory\n");
}

void diagnostics_free(struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->count; i++)
        free(diagnostics->items[i].text);
    free(diagnostics->items);
    *diagnostics = (struct diagnostics){0};
}
