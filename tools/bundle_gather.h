/* The files of a policy's folder, for a bundle. */
#ifndef PINSHIM_TOOLS_BUNDLE_GATHER_H
#define PINSHIM_TOOLS_BUNDLE_GATHER_H

#include "bundle/payload.h"

/* Checks the policy in a folder as its author does, and adds pinshim.conf, the personas and the certificates
 * that they name. False, reported. The working directory is the folder afterwards. */
bool bundle_gather(struct bundle *bundle, const char *folder) __attribute__((nonnull, warn_unused_result));

#endif
