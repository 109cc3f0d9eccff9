#include "tools/published_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

const char *published_outcome(const struct published *published)
{
    static const char *const names[OUTCOMES] = {
        [OUTCOME_REFUSED] = "refused", [OUTCOME_REPORTED] = "reported", [OUTCOME_ALLOWED] = "allowed"};
    return published->outcome < OUTCOMES ? names[published->outcome] : "unknown";
}

const char *published_policy(const struct published *published)
{
    switch (published->policy) {
    case POLICY_STATE_ENFORCED:
        return "in force";
    case POLICY_STATE_REPORTED:
        return "reported only";
    case POLICY_STATE_UNREADABLE:
        return "unreadable";
    case POLICY_STATE_NONE:
        break;
    }
    return "none";
}

/* The process may have put anything there: a time that has no four-digit year is none. */
static bool is_time(const struct tm *parts)
{
    enum { YEAR_10000 = 10000 - 1900 };
    return parts && parts->tm_year >= 0 && parts->tm_year < YEAR_10000;
}

const char *published_time(const struct published *published, char text[PUBLISHED_TIME_SIZE])
{
    const time_t seconds = (time_t)published->time;
    struct tm parts;
    const bool made =
        is_time(gmtime_r(&seconds, &parts)) && strftime(text, PUBLISHED_TIME_SIZE, "%FT%TZ", &parts) > 0;
    return made ? text : NULL;
}

void published_policy_text(const struct published *published, char text[PUBLISHED_TEXT_SIZE])
{
    text[0] = '\0';
    if (published->publication != PUBLICATION_READ)
        return;
    if (published->policy_version)
        snprintf(text, PUBLISHED_TEXT_SIZE, "%016" PRIx64, published->policy_version);
    else
        snprintf(text, PUBLISHED_TEXT_SIZE, "%s", published_policy(published));
}

void published_verdict_text(const struct published *published, char text[PUBLISHED_TEXT_SIZE])
{
    const time_t seconds = (time_t)published->time;
    char time[PUBLISHED_TIME_SIZE];
    struct tm parts;
    text[0] = '\0';
    if (!published->judged)
        return;
    if (!is_time(localtime_r(&seconds, &parts)) || strftime(time, sizeof time, "%F %T", &parts) == 0)
        snprintf(time, sizeof time, "?");
    snprintf(text, PUBLISHED_TEXT_SIZE, "%s %s %s (%s)", time, published->host[0] ? published->host : "?",
             verdict_name((enum verdict)published->verdict), published_outcome(published));
}
