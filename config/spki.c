#include "config/spki.h"

enum { INTEGER = 0x02, SEQUENCE = 0x30, VERSION = 0xa0 };

struct reader {
    const uint8_t *at, *end;
};

/* The length of an element, definite and in as few bytes as can be (X.690, 10.1); false. */
static bool read_length(struct reader *reader, size_t *length)
{
    if (reader->at == reader->end)
        return false;
    const uint8_t first = *reader->at++;
    size_t bytes = first & 0x7f;
    *length = first;
    if (first < 0x80)
        return true;
    if (bytes < 1 || bytes > 3 || (size_t)(reader->end - reader->at) < bytes)
        return false;
    for (*length = 0; bytes > 0; bytes--)
        *length = *length << 8 | *reader->at++;
    return *length >= 0x80 && *length >> (8 * ((first & 0x7f) - 1)) != 0;
}

/* Reads an element with this tag, and gives what it holds. */
static bool take(struct reader *reader, uint8_t tag, struct reader *content)
{
    size_t length;
    if (reader->at == reader->end || *reader->at != tag)
        return false;
    reader->at++;
    if (!read_length(reader, &length) || (size_t)(reader->end - reader->at) < length)
        return false;
    *content = (struct reader){reader->at, reader->at + length};
    reader->at += length;
    return true;
}

bool spki_find(const uint8_t *der, size_t length, const uint8_t **spki, size_t *spki_length)
{
    static const uint8_t before[] = {INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE};
    struct reader all = {der, der + length}, certificate, signed_part, skipped;
    if (!take(&all, SEQUENCE, &certificate) || all.at != all.end ||
        !take(&certificate, SEQUENCE, &signed_part))
        return false;
    if (signed_part.at < signed_part.end && *signed_part.at == VERSION &&
        !take(&signed_part, VERSION, &skipped))
        return false;
    for (size_t i = 0; i < sizeof before; i++) /* serial number, algorithm, issuer, validity, subject */
        if (!take(&signed_part, before[i], &skipped))
            return false;
    *spki = signed_part.at;
    if (!take(&signed_part, SEQUENCE, &skipped))
        return false;
    *spki_length = (size_t)(signed_part.at - *spki);
    return true;
}
