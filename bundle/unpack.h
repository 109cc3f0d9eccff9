/* A bundle's files on disk, for the compiler, and what it makes of them. */
#ifndef PINSHIM_BUNDLE_UNPACK_H
#define PINSHIM_BUNDLE_UNPACK_H

#include "bundle/payload.h"
#include "config/install/image_install.h"

/* Writes the files into an empty folder. False: `error` is one clause, and some may be there. */
bool bundle_unpack(const struct bundle *bundle, int folder, char error[BUNDLE_ERROR_SIZE])
    __attribute__((nonnull, warn_unused_result));

/* As image_make, of the policy in an unpacked folder; compilation->path is left out of account: its files are
 * told of, and noted in the image, as they are called in the bundle. The working directory is the folder
 * meanwhile, and then `/`: not for threads. */
enum image_status bundle_compile(int folder, const struct compilation *compilation,
                                 struct diagnostics *diagnostics, struct image_header *header)
    __attribute__((nonnull, warn_unused_result));

#endif
