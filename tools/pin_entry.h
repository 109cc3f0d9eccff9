/* What `pinshim pin --policy` prints: entries for the `domains` list of a policy. */
#ifndef PINSHIM_TOOLS_PIN_ENTRY_H
#define PINSHIM_TOOLS_PIN_ENTRY_H

#include "tools/pin_source.h"

#include <stddef.h>

/* Prints an entry a host on stdout, commas between them, with the pins of the leaf and of its issuer from the
 * path that verified. Servers of one name, at several ports, share an entry, for a name may stand in a policy
 * but once. Sources without such a path are left out. False, reported: a key that can't be read, or no
 * memory; what was printed is whole. */
bool pin_entries_print(const struct pin_source *sources, size_t count)
    __attribute__((nonnull, warn_unused_result));

#endif
