#include "config/name.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <string.h>

enum { LABEL_MAX_LENGTH = 63 };

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_label_character(char c)
{
    /* '_' is no host name's (RFC 1123), but DNS, certificates and programs use it. */
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* Labels of letters, digits, '-' and '_', between single dots. */
static bool copy_labels(const char *text, size_t length, char name[NAME_SIZE])
{
    size_t label = 0;
    for (size_t i = 0; i < length; i++) {
        const char c = name[i] = lower(text[i]);
        if (is_label_character(c) && label < LABEL_MAX_LENGTH)
            label++;
        else if (c == '.' && label > 0)
            label = 0;
        else
            return false;
    }
    name[length] = '\0';
    return label > 0;
}

/* Where the first of `length` bytes that is `wanted` stands; `length` where none is. Not strchr and memchr:
 * see map_linux.c. */
static size_t find(const char *text, size_t length, char wanted)
{
    size_t i = 0;
    while (i < length && text[i] != wanted)
        i++;
    return i;
}

/* No host name has a colon, and an IPv6 address has its first after four digits at most. */
static bool is_ipv6(const char *name, size_t length)
{
    enum { GROUP_DIGITS = 4 };
    const size_t looked_at = length <= GROUP_DIGITS ? length : GROUP_DIGITS + 1;
    return find(name, looked_at, ':') < looked_at;
}

static char *write_decimal(char *end, unsigned value)
{
    if (value >= 100)
        *end++ = (char)('0' + value / 100);
    if (value >= 10)
        *end++ = (char)('0' + value / 10 % 10);
    *end++ = (char)('0' + value % 10);
    return end;
}

void name_from_ipv4(const uint8_t bytes[4], char name[NAME_SIZE])
{
    for (int i = 0; i < 4; i++) {
        name = write_decimal(name, bytes[i]);
        *name++ = i < 3 ? '.' : '\0';
    }
}

static unsigned group_at(const uint8_t bytes[16], int i)
{
    return (unsigned)bytes[2 * i] << 8 | bytes[2 * i + 1];
}

static char *write_group(char *end, unsigned value)
{
    for (int shift = 12; shift >= 0; shift -= 4)
        if (value >> shift || shift == 0)
            *end++ = "0123456789abcdef"[value >> shift & 15];
    return end;
}

/* A run of two groups or more that are zero: the longest, the first of equal ones. */
struct zeros {
    int start, length;
};

static struct zeros longest_zeros(const uint8_t bytes[16])
{
    struct zeros longest = {.start = -1, .length = 1};
    for (int i = 0, length = 0; i < 8; i++) {
        length = group_at(bytes, i) ? 0 : length + 1;
        if (length > longest.length)
            longest = (struct zeros){i - length + 1, length};
    }
    return longest;
}

/* RFC 5952, sections 4 and 5. Not inet_ntop: see map_linux.c. */
void name_from_ipv6(const uint8_t bytes[16], char name[NAME_SIZE])
{
    const struct zeros zeros = longest_zeros(bytes);
    const bool holds_ipv4 =
        zeros.start == 0 && (zeros.length == 6 || (zeros.length == 7 && group_at(bytes, 7) > 1) ||
                             (zeros.length == 5 && group_at(bytes, 5) == 0xffff));
    for (int i = 0; i < 8; i++) {
        if (i == zeros.start) {
            *name++ = ':';
            i += zeros.length - 1;
            if (i == 7)
                *name++ = ':';
            continue;
        }
        if (i > 0)
            *name++ = ':';
        if (i == 6 && holds_ipv4) {
            name_from_ipv4(bytes + 12, name);
            return;
        }
        name = write_group(name, group_at(bytes, i));
    }
    *name = '\0';
}

/* libc's, looked up when an address is met, not when each program starts: see map_linux.c. */
static bool parse_ipv6(const char *text, uint8_t address[16])
{
    __typeof__(&inet_pton) parse = (__typeof__(&inet_pton))(uintptr_t)dlsym(RTLD_DEFAULT, "inet_pton");
    return parse && parse(AF_INET6, text, address) == 1;
}

/* An address in its canonical spelling; with brackets around IPv6 as in a URL, or without. */
static bool copy_ipv6(const char *text, size_t length, char name[NAME_SIZE])
{
    char copy[INET6_ADDRSTRLEN];
    uint8_t address[16];
    if (length >= 2 && text[0] == '[' && text[length - 1] == ']')
        text++, length -= 2;
    if (length >= sizeof copy || find(text, length, '\0') < length) /* inet_pton would stop at the NUL */
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    if (!parse_ipv6(copy, address))
        return false;
    name_from_ipv6(address, name);
    return true;
}

bool name_normalise(const char *text, size_t length, char name[NAME_SIZE])
{
    if (length > 0 && (text[0] == '[' || is_ipv6(text, length)))
        return copy_ipv6(text, length, name);
    if (length > 0 && text[length - 1] == '.')
        length--;
    return length > 0 && length <= NAME_MAX_LENGTH && copy_labels(text, length, name);
}

/* Four decimal numbers up to 255 without leading zeros, which is also all that inet_pton takes. */
static bool is_ipv4(const char *name)
{
    int numbers = 0;
    while (numbers < 4) {
        unsigned value = 0, digits = 0;
        for (; *name >= '0' && *name <= '9' && digits < 3; name++, digits++)
            value = value * 10 + (unsigned)(*name - '0');
        if (digits == 0 || value > 255 || (digits > 1 && name[-(int)digits] == '0'))
            return false;
        numbers++;
        if (*name != '.')
            break;
        name++;
    }
    return numbers == 4 && *name == '\0';
}

bool name_is_ip(const char *name)
{
    return is_ipv6(name, strlen(name)) || is_ipv4(name);
}

const char *name_parent(const char *name)
{
    const size_t length = strlen(name), dot = find(name, length, '.');
    return dot < length && !name_is_ip(name) ? name + dot + 1 : NULL;
}
