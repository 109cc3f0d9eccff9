#include "tools/endpoint.h"

#include "config/host_text.h"

#include <string.h>

/* Digits alone, 1 to 65535. */
static bool port_parse(const char *text, char port[6])
{
    unsigned long number = 0;
    const size_t length = strlen(text);
    if (length == 0 || length > 5 || strspn(text, "0123456789") != length)
        return false;
    for (const char *digit = text; *digit; digit++)
        number = number * 10 + (unsigned)(*digit - '0');
    memcpy(port, text, length + 1);
    return number >= 1 && number <= 65535;
}

bool endpoint_parse(const char *text, struct endpoint *endpoint)
{
    const char *colon = strrchr(text, ':'), *bracket = strchr(text, ']');
    const bool bare_ipv6 = !bracket && colon && strchr(text, ':') != colon;
    if (bare_ipv6 || (bracket && colon < bracket))
        colon = NULL;
    memcpy(endpoint->port, "443", sizeof "443");
    if (colon && !port_parse(colon + 1, endpoint->port))
        return false;
    char host[4 * NAME_SIZE]; /* UTF-8 takes more bytes than its A-labels */
    const char *error;
    const size_t length = colon ? (size_t)(colon - text) : strlen(text);
    if (length >= sizeof host)
        return false;
    memcpy(host, text, length);
    host[length] = '\0';
    return host_text_normalise(host, endpoint->host, &error);
}
