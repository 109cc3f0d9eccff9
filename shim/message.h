/* Tells the person in front of an interactive program why a connection failed. */
#ifndef PINSHIM_SHIM_MESSAGE_H
#define PINSHIM_SHIM_MESSAGE_H

#include "shim/event.h"

/* One line on stderr, where that is a terminal; nothing else ever. For the same host at most once a minute.
 */
void message_show(const struct event *event) __attribute__((nonnull));

#endif
