#include "tools/report.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *prefix = "pinshim";

void report_begin(const char *command)
{
    prefix = command;
    (void)setvbuf(stderr, NULL, _IOLBF, BUFSIZ); /* lines are written a character at a time */
}

bool report_coloured(int fd)
{
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(fd) && !(no_colour && no_colour[0]) && !(terminal && strcmp(terminal, "dumb") == 0);
}

/* File names and policies may hold anything; what a terminal would obey is shown as '?'. */
static void print_safely(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)text[i];
        putc(byte < ' ' || byte == 0x7f ? '?' : byte, stderr);
    }
}

/* A line, its first ": SEVERITY: " in colour. */
static void print_line(const char *text, enum severity severity)
{
    const char *const word = severity == SEVERITY_ERROR ? "error:" : "warning:";
    const char *const colour = severity == SEVERITY_ERROR ? "\033[1;31m" : "\033[1;33m";
    const char *found = report_coloured(STDERR_FILENO) ? strstr(text, word) : NULL;
    if (found) {
        print_safely(text, (size_t)(found - text));
        fprintf(stderr, "%s%s\033[0m", colour, word);
        text = found + strlen(word);
    }
    print_safely(text, strlen(text));
    putc('\n', stderr);
}

static void print_message(const char *label, enum severity severity, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

static void print_message(const char *label, enum severity severity, const char *format, va_list arguments)
{
    char *message = NULL, *line = NULL;
    if (vasprintf(&message, format, arguments) >= 0 &&
        asprintf(&line, "%s: %s%s", prefix, label, message) >= 0)
        print_line(line, severity);
    free(message);
    free(line);
}

void report_error(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_message("", SEVERITY_ERROR, format, arguments);
    va_end(arguments);
}

void report_note(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_message("", SEVERITY_WARNING, format, arguments);
    va_end(arguments);
}

void report_warning(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_message("warning: ", SEVERITY_WARNING, format, arguments);
    va_end(arguments);
}

void report_diagnostics(const struct diagnostics *diagnostics)
{
    bool all = diagnostics->errors <= diagnostics->count;
    for (size_t i = 0; i < diagnostics->count; i++) {
        char *text = diagnostic_text(&diagnostics->items[i]);
        if (text)
            print_line(text, diagnostics->items[i].severity);
        else
            all = false;
        free(text);
    }
    if (!all)
        report_error("out of memory");
}
