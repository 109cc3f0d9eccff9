#include "shim/text.h"

#include <string.h>

struct text text_over(char *buffer, size_t size)
{
    return (struct text){.start = buffer, .size = size};
}

void text_add_bytes(struct text *text, const char *bytes, size_t length)
{
    const size_t room = text->size - 1 - text->length;
    if (length > room) {
        length = room;
        text->cut = true;
    }
    memcpy(text->start + text->length, bytes, length);
    text->length += length;
}

void text_add(struct text *text, const char *string)
{
    text_add_bytes(text, string, strlen(string));
}

void text_add_char(struct text *text, char c)
{
    text_add_bytes(text, &c, 1);
}

void text_add_folder(struct text *text, const char *path)
{
    size_t length = 0;
    for (size_t i = 0; path[i]; i++)
        if (path[i] == '/')
            length = i + 1;
    text_add_bytes(text, path, length);
}

void text_add_number(struct text *text, uint64_t number, unsigned digits)
{
    char reversed[20]; /* of 2^64 */
    unsigned count = 0;
    do {
        reversed[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    for (unsigned zeros = count; zeros < digits; zeros++)
        text_add_char(text, '0');
    while (count)
        text_add_char(text, reversed[--count]);
}

void text_add_hex64(struct text *text, uint64_t number)
{
    for (int shift = 60; shift >= 0; shift -= 4)
        text_add_char(text, "0123456789abcdef"[number >> shift & 15]);
}

/* Days since 1970-01-01 to a date of the proleptic Gregorian calendar. Not gmtime_r: that takes libc's time
 * zone lock, which another thread may hold at the moment of a fork. */
static void add_date(struct text *text, uint64_t days)
{
    uint64_t year = 1970;
    for (;; year++) {
        const uint64_t length = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365;
        if (days < length) {
            const uint8_t months[12] = {31, length == 366 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
            unsigned month = 0;
            while (days >= months[month])
                days -= months[month++];
            text_add_number(text, year, 4);
            text_add_char(text, '-');
            text_add_number(text, month + 1, 2);
            text_add_char(text, '-');
            text_add_number(text, days + 1, 2);
            return;
        }
        days -= length;
    }
}

void text_add_time(struct text *text, int64_t seconds)
{
    const uint64_t day = 86400, second = seconds < 0 ? 0 : (uint64_t)seconds;
    add_date(text, second / day);
    text_add_char(text, 'T');
    text_add_number(text, second % day / 3600, 2);
    text_add_char(text, ':');
    text_add_number(text, second % 3600 / 60, 2);
    text_add_char(text, ':');
    text_add_number(text, second % 60, 2);
    text_add_char(text, 'Z');
}

void text_add_json(struct text *text, const char *string)
{
    text_add_char(text, '"');
    for (const unsigned char *c = (const unsigned char *)string; *c; c++) {
        if (*c == '"' || *c == '\\') {
            text_add_char(text, '\\');
            text_add_char(text, (char)*c);
        } else if (*c < 0x20 || *c >= 0x7f) {
            /* A byte that is no ASCII is told as U+0080..U+00FF: what it meant isn't known here. */
            text_add(text, "\\u00");
            text_add_char(text, "0123456789abcdef"[*c >> 4]);
            text_add_char(text, "0123456789abcdef"[*c & 15]);
        } else {
            text_add_char(text, (char)*c);
        }
    }
    text_add_char(text, '"');
}

bool text_end(struct text *text)
{
    text->start[text->length] = '\0';
    return !text->cut;
}

void text_set(char *buffer, size_t size, const char *string)
{
    struct text text = text_over(buffer, size);
    text_add(&text, string);
    (void)text_end(&text);
}

bool text_equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}
