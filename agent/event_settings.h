/* What the policy in force wants done with events. */
#ifndef PINSHIM_AGENT_EVENT_SETTINGS_H
#define PINSHIM_AGENT_EVENT_SETTINGS_H

#include "agent/past_file.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct event_settings {
    uint64_t stamp;            /* of the image that says it; 0: none does */
    char file[PATH_MAX];       /* empty: none */
    char report_url[URL_SIZE]; /* empty: none */
    bool syslog;
};

/* Reads the installed image again where it is another one: true. What can't be read changes nothing. */
bool event_settings_look(struct event_settings *settings) __attribute__((nonnull));

#endif
