#include "bundle/utc.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Written again, it must be the same text: so the 30th of February is none. */
bool utc_read(const char *text, int64_t *seconds)
{
    struct tm time = {0};
    char again[UTC_TEXT_SIZE];
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &time);
    if (!end || *end || strlen(text) != UTC_TEXT_SIZE - 1)
        return false;
    *seconds = timegm(&time);
    if (*seconds < 0)
        return false;
    utc_format(*seconds, again);
    return strcmp(again, text) == 0;
}

void utc_format(int64_t seconds, char text[UTC_TEXT_SIZE])
{
    const time_t at = seconds;
    struct tm time = {0};
    (void)gmtime_r(&at, &time);
    if (strftime(text, UTC_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &time) == 0)
        text[0] = '\0';
}
