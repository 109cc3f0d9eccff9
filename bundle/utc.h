/* Times as bundles spell them (RFC 3339, in UTC and without fractions): "2027-06-30T12:00:00Z". */
#ifndef PINSHIM_BUNDLE_UTC_H
#define PINSHIM_BUNDLE_UTC_H

#include <stdbool.h>
#include <stdint.h>

enum { UTC_TEXT_SIZE = 21 };

/* Seconds since 1970. False: it is no such time, or not between 1970 and 9999. */
bool utc_read(const char *text, int64_t *seconds) __attribute__((nonnull, warn_unused_result));

/* A time between 1970 and 9999. */
void utc_format(int64_t seconds, char text[UTC_TEXT_SIZE]) __attribute__((nonnull));

#endif
