#include "config/name.h"

#include <arpa/inet.h>
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
        if (c == '.' && label > 0)
            label = 0;
        else if (is_label_character(c) && label < LABEL_MAX_LENGTH)
            label++;
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

/* Of a normalised name: no host name has a colon, and an IPv6 address has its first after four digits at
 * most. */
static bool is_ipv6(const char *name)
{
    enum { GROUP_DIGITS = 4 };
    for (int i = 0; i <= GROUP_DIGITS && name[i]; i++)
        if (name[i] == ':')
            return true;
    return false;
}

/* An address in inet_ntop's spelling; with brackets around IPv6 as in a URL, or without. */
static bool copy_ipv6(const char *text, size_t length, char name[NAME_SIZE])
{
    char copy[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (length >= 2 && text[0] == '[' && text[length - 1] == ']')
        text++, length -= 2;
    if (length >= sizeof copy || find(text, length, '\0') < length) /* inet_pton would stop at the NUL */
        return false;
    memcpy(copy, text, length);
    copy[length] = '\0';
    return inet_pton(AF_INET6, copy, &address) == 1 && inet_ntop(AF_INET6, &address, name, NAME_SIZE) != NULL;
}

bool name_normalise(const char *text, size_t length, char name[NAME_SIZE])
{
    if (length > 0 && (text[0] == '[' || find(text, length, ':') < length))
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
    return is_ipv6(name) || is_ipv4(name);
}

const char *name_parent(const char *name)
{
    const size_t length = strlen(name), dot = find(name, length, '.');
    return dot < length && !name_is_ip(name) ? name + dot + 1 : NULL;
}
