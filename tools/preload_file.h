/* /etc/ld.so.preload, which names the libraries that the loader puts into every program: ld.so(8).
 *
 * Texts here are the file's content; allocated, and freed by the caller.
 */
#ifndef PINSHIM_TOOLS_PRELOAD_FILE_H
#define PINSHIM_TOOLS_PRELOAD_FILE_H

#include <limits.h>
#include <stdbool.h>

#define PRELOAD_FILE "/etc/ld.so.preload"

/* What to write for a library: "$LIB" for its folder of this processor's libraries, so that each
 * architecture's loader looks for its own; false, with errno: it can't be written there (a blank, ':', '#' or
 * '$'). */
bool preload_file_entry(const char *library, char entry[PATH_MAX])
    __attribute__((nonnull, warn_unused_result));

/* The content with `entry` as its first library, and without other entries for a file of that name; `content`
 * NULL: there is no file. NULL: no memory. */
char *preload_file_with(const char *content, const char *entry)
    __attribute__((nonnull(2), warn_unused_result));

/* The content without the entries for a library of this file name; *removed: there were some. NULL: no
 * memory. */
char *preload_file_without(const char *content, const char *name, bool *removed)
    __attribute__((nonnull, warn_unused_result));

/* True where it names a library, and isn't blank or comments alone. */
bool preload_file_has_entries(const char *content) __attribute__((nonnull, warn_unused_result));

/* The file's content; *content NULL: there is none. False, with errno. */
bool preload_file_read(const char *path, char **content) __attribute__((nonnull, warn_unused_result));

/* Replaces the file at once and whole, and waits until that is on disk; `content` NULL: removes it. Nothing,
 * where it fails; false, with errno. */
bool preload_file_replace(const char *path, const char *content)
    __attribute__((nonnull(1), warn_unused_result));

#endif
