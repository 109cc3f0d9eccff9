/* Tells the person in front of a program why a connection failed. */
#ifndef PINSHIM_SHIM_MESSAGE_H
#define PINSHIM_SHIM_MESSAGE_H

#include "shim/event.h"

/* The policy's text for this program: one line on stderr, where that is a terminal, and a notification where
 * there is a desktop session and the policy wants it. For the same host at most once a minute. `policy` NULL:
 * none could be read. */
void message_show(const struct policy *policy, const struct event *event) __attribute__((nonnull(2)));

#endif
