#include "tools/macho_entitlements.h"

#include <string.h>

bool macho_entitled(struct bytes list, const char *name)
{
    static const char yes[] = "<true/>", blanks[] = " \t\r\n", open[] = "<key>";
    static const char close[] = "</key>";
    const uint8_t *end = list.start + list.size, *found = memmem(list.start, list.size, name, strlen(name));
    if (!found || (size_t)(found - list.start) < sizeof open - 1 ||
        memcmp(found - (sizeof open - 1), open, sizeof open - 1) != 0)
        return false;
    found += strlen(name);
    if ((size_t)(end - found) < sizeof close - 1 || memcmp(found, close, sizeof close - 1) != 0)
        return false;
    found += sizeof close - 1;
    while (found < end && *found && strchr(blanks, *found))
        found++;
    return (size_t)(end - found) >= sizeof yes - 1 && memcmp(found, yes, sizeof yes - 1) == 0;
}

enum {
    BOOLEAN = 0x01,
    INTEGER = 0x02,
    UTF8 = 0x0c,
    SEQUENCE = 0x30,
    APPLICATION_16 = 0x70,
    CONTEXT_16 = 0xb0
};

/* Takes the next element off; false where there is none, or it isn't inside. */
static bool take(struct bytes *rest, uint8_t *tag, struct bytes *value)
{
    const uint8_t *head = at_offset(*rest, 0, 2);
    if (!head)
        return false;
    size_t length = head[1], start = 2;
    if (length & 0x80) {
        const size_t count = length & 0x7f;
        const uint8_t *more = count <= 4 ? at_offset(*rest, 2, count) : NULL;
        if (!more)
            return false;
        length = 0;
        for (size_t i = 0; i < count; i++)
            length = length << 8 | more[i];
        start += count;
    }
    *tag = head[0];
    return cut(*rest, start, length, value) && cut(*rest, start + length, rest->size - start - length, rest);
}

static bool take_tagged(struct bytes *rest, uint8_t wanted, struct bytes *value)
{
    uint8_t tag = 0;
    return take(rest, &tag, value) && tag == wanted;
}

bool macho_entitled_der(struct bytes blob, const char *name)
{
    enum { BLOB_HEADER = 8 };
    struct bytes rest, whole, version, list, pair, key, value;
    if (blob.size < BLOB_HEADER || !cut(blob, BLOB_HEADER, blob.size - BLOB_HEADER, &rest) ||
        !take_tagged(&rest, APPLICATION_16, &whole) || !take_tagged(&whole, INTEGER, &version) ||
        !take_tagged(&whole, CONTEXT_16, &list))
        return false;
    while (take_tagged(&list, SEQUENCE, &pair))
        if (take_tagged(&pair, UTF8, &key) && key.size == strlen(name) &&
            memcmp(key.start, name, key.size) == 0)
            return take_tagged(&pair, BOOLEAN, &value) && value.size == 1 && value.start[0];
    return false;
}
