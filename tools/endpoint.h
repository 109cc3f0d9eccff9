/* HOST[:PORT] on a command line. */
#ifndef PINSHIM_TOOLS_ENDPOINT_H
#define PINSHIM_TOOLS_ENDPOINT_H

#include "config/name.h"

#include <stdbool.h>

struct endpoint {
    char host[NAME_SIZE]; /* as a policy spells it: lower case, no brackets */
    char port[6];         /* 1 to 65535, "443" where none was named */
};

/* "example.com", "example.com:8443", "192.0.2.7:443", "[2001:db8::1]:443", "2001:db8::1"; international
 * names, too. False: it is none of these. */
bool endpoint_parse(const char *text, struct endpoint *endpoint) __attribute__((nonnull, warn_unused_result));

#endif
