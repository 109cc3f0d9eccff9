/* Host names as people write them. For the compiler and the command: a program's own names are normalised by
 * name.h, which needs no library.
 *
 * Pure functions; thread-safe.
 */
#ifndef PINSHIM_CONFIG_HOST_TEXT_H
#define PINSHIM_CONFIG_HOST_TEXT_H

#include "config/name.h"

/* As name_normalise, of UTF-8: international labels become A-labels (UTS #46, non-transitional), and a full
 * stop may be any that it knows. True: `name` is it. False: *error says in one clause what is wrong ("is no
 * host name"), static. */
bool host_text_normalise(const char *text, char name[NAME_SIZE], const char **error)
    __attribute__((nonnull, warn_unused_result));

/* Of a normalised name, what must not be covered as a whole, by a wildcard or include_subdomains: "an
 * address", "a whole top-level domain", "a public suffix" (https://publicsuffix.org, as libpsl was built
 * with); NULL where it may. Static. */
const char *host_text_too_wide(const char *name) __attribute__((nonnull, warn_unused_result));

#endif
