#include "tools/table.h"

#include "tools/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void make_printable(char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

/* Owns the text. */
static void add(struct table *table, char *text)
{
    if (text && table->count == table->capacity) {
        const size_t capacity = table->capacity ? table->capacity * 2 : 64;
        char **cells = reallocarray(table->cells, capacity, sizeof *cells);
        if (cells) {
            table->cells = cells;
            table->capacity = capacity;
        }
    }
    if (!text || table->count == table->capacity) {
        table->failed = true;
        free(text);
        return;
    }
    make_printable(text);
    table->cells[table->count++] = text;
}

void table_begin(struct table *table, size_t columns, const char *const *titles)
{
    *table = (struct table){.columns = columns};
    for (size_t i = 0; titles && i < columns; i++)
        add(table, strdup(titles[i]));
}

void table_add(struct table *table, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    if (text && !text[0]) {
        free(text);
        text = strdup("-");
    }
    add(table, text);
}

static int width_of(const struct table *table, size_t column)
{
    size_t width = 0;
    for (size_t i = column; i < table->count; i += table->columns) {
        const size_t length = strlen(table->cells[i]);
        if (length > width)
            width = length;
    }
    return (int)width;
}

static void print(const struct table *table, int *widths)
{
    for (size_t column = 0; column + 1 < table->columns; column++)
        widths[column] = width_of(table, column);
    for (size_t i = 0; i < table->count; i++) {
        const size_t column = i % table->columns;
        if (column + 1 < table->columns)
            printf("%-*s  ", widths[column], table->cells[i]);
        else
            puts(table->cells[i]);
    }
}

bool table_end(struct table *table)
{
    int *widths = calloc(table->columns, sizeof *widths);
    const bool whole = widths && !table->failed;
    if (whole)
        print(table, widths);
    else
        report_error("out of memory");
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
    free(widths);
    return whole;
}
