/* The private companion library that compiles text policies: beside this one, loaded for a text policy alone,
 * and kept for its replacements. A file per system finds it: compiler_linux.c, compiler_macos.c.
 */
#ifndef PINSHIM_SHIM_COMPILER_H
#define PINSHIM_SHIM_COMPILER_H

#include <stddef.h>

/* Compiles the text at `path` to the empty file `image_fd`, its files' names (config/watch.h) to `files_fd`;
 * 0, or not, with why in `error`. */
typedef int compile_function(const char *path, int image_fd, int files_fd, char *error, size_t error_size);

/* NULL where the library can't be loaded. */
compile_function *compiler(void) __attribute__((warn_unused_result));

#endif
