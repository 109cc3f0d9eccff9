/* What a signature grants its program. Source: DER as security_codesigning writes it: [APPLICATION 16] {
 * version, [16] { SEQUENCE { name, value } ... } }. */
#ifndef PINSHIM_TOOLS_MACHO_ENTITLEMENTS_H
#define PINSHIM_TOOLS_MACHO_ENTITLEMENTS_H

#include "tools/macho_bytes.h"

/* True where the property list of text, as all that sign write it, has the name, and a value that is true. */
bool macho_entitled(struct bytes list, const char *name) __attribute__((nonnull, warn_unused_result));

/* The same of the blob in DER. */
bool macho_entitled_der(struct bytes blob, const char *name) __attribute__((nonnull, warn_unused_result));

#endif
