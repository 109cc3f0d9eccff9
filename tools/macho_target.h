/* target.h's question of a program of macOS, answered from its file. */
#ifndef PINSHIM_TOOLS_MACHO_TARGET_H
#define PINSHIM_TOOLS_MACHO_TARGET_H

#include "tools/target.h"

/* Looks into the file behind `fd`, of which target->file is the path: fills target->marks and ->tls, and
 * *refusal with why no library can be inserted, NULL where one can. False: it is no program of macOS. */
bool macho_target_look(int fd, struct target *target, const char **refusal)
    __attribute__((nonnull, warn_unused_result));

#endif
