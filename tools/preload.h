/* The shim's library: where it is, and how a program is made to load it. */
#ifndef PINSHIM_TOOLS_PRELOAD_H
#define PINSHIM_TOOLS_PRELOAD_H

#include <limits.h>
#include <stdbool.h>

enum { PRELOAD_REASON_SIZE = 256 };

/* What a platform's loader asks for: preload_linux.c, preload_macos.c. */
struct preload_way {
    const char *variable;    /* of the environment */
    const char *library;     /* the name of the file */
    const char *installed;   /* where that is, from this program's folder on; ends with a slash */
    const char *separators;  /* in the variable's value */
    const char *unfit;       /* what no path in there may hold */
    const char *unfit_words; /* the same for a message */
};
extern const struct preload_way preload_way;

/* The library beside this program, or installed with it (on Linux ../lib/MULTIARCH/pinshim, where a system
 * keeps the libraries of each architecture apart). False, reported on stderr: there is none, or its path
 * can't be written in the variable. */
bool preload_locate(char library[PATH_MAX]) __attribute__((nonnull, warn_unused_result));

/* Beside that one, for 32-bit programs: second_library.h. Nothing is reported. */
bool preload_locate_second(char library[PATH_MAX]) __attribute__((nonnull, warn_unused_result));

/* Asks the program's own loader to load the library for it, without starting either. Linux's would print one
 * line and go on without the shim: a missing symbol version, a mount without exec. macOS's can't be asked.
 * False: `reason` says why. */
bool preload_accepted(const char *loader, const char *program, const char *library,
                      char reason[PRELOAD_REASON_SIZE]) __attribute__((nonnull, warn_unused_result));

/* Where a platform's own half begins: the folder of this program, without the last slash. */
bool preload_own_folder(char folder[PATH_MAX]) __attribute__((nonnull, warn_unused_result));

/* The library for 32-bit programs that belongs to `library`; false: none does. */
bool preload_second(const char *library, char second[PATH_MAX]) __attribute__((nonnull, warn_unused_result));

/* What stands for both in the variable, where there are both: each loader finds its own. */
bool preload_both(const char *library, char entry[PATH_MAX]) __attribute__((nonnull, warn_unused_result));

/* Where signals of children are blocked, that of a loader that was asked would wait for the program. */
void preload_forget_children(void);

/* The value of the variable that loads `library` first and once, then what `before` names (NULL: nothing).
 * The caller frees it; NULL: no memory. */
char *preload_value(const char *library, const char *before) __attribute__((nonnull(1), warn_unused_result));

#endif
