#include "tools/json_output.h"

#include "tools/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>

json_t *json_output_string(const char *bytes)
{
    enum { LONGEST = 3 /* bytes of UTF-8 that one byte becomes: U+FFFD */ };
    if (!bytes)
        return json_null();
    const size_t length = strlen(bytes);
    uint8_t *text = malloc(length * LONGEST + 1), *end = text;
    if (!text)
        return NULL;
    const uint8_t *const stop = (const uint8_t *)bytes + length;
    for (const uint8_t *next = (const uint8_t *)bytes; next < stop;) {
        ucs4_t character;
        next += u8_mbtouc(&character, next, (size_t)(stop - next)); /* U+FFFD where it is none */
        end += u8_uctomb(end, character, text + length * LONGEST - end);
    }
    json_t *string = json_stringn((const char *)text, (size_t)(end - text));
    free(text);
    return string;
}

/* JSON_ENSURE_ASCII leaves DEL alone. It can stand within strings only. */
static int write_ascii(const char *buffer, size_t size, void *stream)
{
    for (size_t i = 0; i < size; i++)
        if (buffer[i] == 0x7f)
            fputs("\\u007F", stream);
        else
            putc(buffer[i], stream);
    return 0;
}

static bool print(const json_t *value, size_t flags)
{
    const bool printed =
        value && json_dump_callback(value, write_ascii, stdout, flags | JSON_ENSURE_ASCII) == 0;
    if (printed)
        putchar('\n');
    else
        report_error("out of memory");
    return printed;
}

bool json_output_document(json_t *value)
{
    const bool printed = print(value, JSON_INDENT(2));
    json_decref(value);
    return printed;
}

bool json_output_line(const json_t *value)
{
    return print(value, JSON_COMPACT);
}
