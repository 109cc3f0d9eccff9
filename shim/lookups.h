/* Which names this process has looked up, and what addresses it was given: what tells the name of a peer that
 * the program doesn't name in its handshake.
 *
 * One table a process, for look-ups and handshakes may be in different threads; under the library's lock.
 * Fixed in size: the latest names stay, with all of their addresses, and old ones go. Safe after fork, which
 * keeps it.
 */
#ifndef PINSHIM_SHIM_LOOKUPS_H
#define PINSHIM_SHIM_LOOKUPS_H

#include "shim/address.h"

/* Notes what a look-up has answered. `name` as the program spelt it: NULL, an address, or what can't be a
 * host name is left out. */
void lookups_remember(const char *name, const struct address *address) __attribute__((nonnull(2)));

/* Each call, one more of the names whose look-up gave the address: which of them is meant can't be told.
 * False: there are no more. `*place` is 0 at first. */
bool lookups_next(const struct address *address, size_t *place, char name[NAME_SIZE])
    __attribute__((nonnull, warn_unused_result));

#endif
