#include "config/pin.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* RFC 4648, section 4, and canonical (3.5): the two bits of the last character that no byte needs are zero.
 */
bool pin_decode(const char text[PIN_BASE64_LENGTH], uint8_t bytes[PIN_SIZE])
{
    uint32_t bits = 0;
    unsigned held = 0, written = 0;
    for (int i = 0; i < PIN_BASE64_LENGTH - 1; i++) {
        const int value = value_of(text[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes[written++] = (uint8_t)(bits >> held);
        }
    }
    return written == PIN_SIZE && (bits & ((1U << held) - 1)) == 0 && text[PIN_BASE64_LENGTH - 1] == '=';
}

bool pin_parse(const char *text, struct pin *pin)
{
    static const struct {
        const char *before, *after;
    } spellings[] = {{"sha256//", ""}, {"sha256/", ""}, {"pin-sha256=\"", "\""}};
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        const size_t length = strlen(spellings[i].before);
        if (strncmp(text, spellings[i].before, length) != 0)
            continue;
        /* "sha256//" also starts with "sha256/": a digest may begin with '/', so the length tells them apart.
         */
        if (strlen(text) == length + PIN_BASE64_LENGTH + strlen(spellings[i].after) &&
            strcmp(text + length + PIN_BASE64_LENGTH, spellings[i].after) == 0)
            return pin_decode(text + length, pin->sha256);
    }
    return false;
}

void pin_format(const struct pin *pin, char text[PIN_TEXT_SIZE])
{
    char *end = text;
    for (const char *c = "sha256//"; *c; c++)
        *end++ = *c;
    for (int i = 0; i < PIN_SIZE; i += 3) {
        const uint8_t *bytes = pin->sha256 + i;
        const bool whole = i + 2 < PIN_SIZE; /* 32 is 10 times 3, and 2 */
        const uint32_t bits = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | (whole ? bytes[2] : 0U);
        *end++ = alphabet[bits >> 18];
        *end++ = alphabet[bits >> 12 & 63];
        *end++ = alphabet[bits >> 6 & 63];
        *end++ = whole ? alphabet[bits & 63] : '=';
    }
    *end = '\0';
}

bool pin_equal(const struct pin *a, const struct pin *b)
{
    return memcmp(a->sha256, b->sha256, PIN_SIZE) == 0;
}
