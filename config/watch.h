/* The files that a policy was made of, each as it was just before it was read: what tells whether the text
 * must be compiled anew. */
#ifndef PINSHIM_CONFIG_WATCH_H
#define PINSHIM_CONFIG_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zero-initialised is empty. `bytes`: for each file its uint64_t file_stamp (0: there was none), then its
 * path and a NUL. */
struct watch_list {
    char *bytes; /* owned */
    size_t length;
};

/* Adds the file or folder at `path`, to be called before it is read. False where memory is out. */
bool watch_add(struct watch_list *list, const char *path) __attribute__((nonnull, warn_unused_result));

/* Is each of the `length` bytes' files still as it was? No allocation, no libc state. */
bool watch_unchanged(const char *bytes, size_t length) __attribute__((nonnull, warn_unused_result));

#endif
