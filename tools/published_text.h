/* What a process has published, in words. */
#ifndef PINSHIM_TOOLS_PUBLISHED_TEXT_H
#define PINSHIM_TOOLS_PUBLISHED_TEXT_H

#include "tools/published.h"

enum { PUBLISHED_TEXT_SIZE = 512, PUBLISHED_TIME_SIZE = 32 };

/* "allowed", ...; "unknown" where it is none of them. */
const char *published_outcome(const struct published *published) __attribute__((nonnull, returns_nonnull));

/* "in force", "reported only", "unreadable", "none". */
const char *published_policy(const struct published *published) __attribute__((nonnull, returns_nonnull));

/* Its version, as events have it, else what there is instead; empty where nothing is known. */
void published_policy_text(const struct published *published, char text[PUBLISHED_TEXT_SIZE])
    __attribute__((nonnull));

/* The last verdict: local time, host, verdict, outcome; empty where there is none. */
void published_verdict_text(const struct published *published, char text[PUBLISHED_TEXT_SIZE])
    __attribute__((nonnull));

/* The last verdict's time in UTC, RFC 3339; NULL where it is none. */
const char *published_time(const struct published *published, char text[PUBLISHED_TIME_SIZE])
    __attribute__((nonnull));

#endif
