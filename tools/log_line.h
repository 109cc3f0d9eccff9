/* An event (docs/policy.md, "Events") as a line for people. */
#ifndef PINSHIM_TOOLS_LOG_LINE_H
#define PINSHIM_TOOLS_LOG_LINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/* Prints local time, event, verdict, host and port, program, and the policy's entry with its service or, of
 * an event about the policy, its file and what is said of it. In columns, as far as the words are short
 * enough; '-' where the event says nothing, '?' for each character that is no printable ASCII. The event may
 * be any JSON object. */
void log_line_print(FILE *stream, const json_t *event, bool coloured) __attribute__((nonnull));

#endif
