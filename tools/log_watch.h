/* How a platform waits for a file to change: log_watch_linux.c by inotify(7), log_watch_macos.c not at all
 * but by a look now and then. */
#ifndef PINSHIM_TOOLS_LOG_WATCH_H
#define PINSHIM_TOOLS_LOG_WATCH_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

/* What watches, a descriptor; -1: nothing does. */
int log_watch_open(void) __attribute__((warn_unused_result));

/* Adds what stands at the path, and what appears in the folder. Again for what is watched already: nothing.
 */
void log_watch_add(int watch, const char *folder, const char *path) __attribute__((nonnull));

/* Waits for a change, a second at most, with these signals blocked meanwhile and no others. False: nobody
 * reads stdout any more. */
bool log_watch_wait(int watch, const sigset_t *blocked) __attribute__((nonnull, warn_unused_result));

/* Throws away what a stream has buffered. */
void log_watch_purge(FILE *stream) __attribute__((nonnull));

#endif
