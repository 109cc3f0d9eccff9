/* A notification in the user's desktop session, where there is one. A file per system implements it:
 * desktop_linux.c.
 *
 * Async-signal-safe, keeps nothing; errno may change.
 */
#ifndef PINSHIM_SHIM_DESKTOP_H
#define PINSHIM_SHIM_DESKTOP_H

#include <stdbool.h>

/* Is there a session of this process's user to show something in? */
bool desktop_is_there(void) __attribute__((warn_unused_result));

/* Shows a title (UTF-8) and a line below it (ASCII, without '<' and '&'). Waits a second at most for the
 * session to take it; what doesn't arrive by then may be lost. */
void desktop_notify(const char *title, const char *line) __attribute__((nonnull));

#endif
