/* The policy that a subcommand is to look into, as the image that a process would map. */
#ifndef PINSHIM_TOOLS_POLICY_IMAGE_H
#define PINSHIM_TOOLS_POLICY_IMAGE_H

#include "config/image.h"

#include <stdbool.h>

struct policy_image {
    const char *path; /* the text or the image that was opened; the caller's, the environment's or constant */
    bool report;      /* PINSHIM_CONFIG asks for report mode */
    struct image image;
};

/* Opens `config`, else what PINSHIM_CONFIG names, else the installed image, or in place of a damaged image
 * the one before it; a text is compiled in memory. False, reported: errors, or there is no policy at all. The
 * image is to be closed by image_close. */
bool policy_image_open(const char *config, struct policy_image *policy)
    __attribute__((nonnull(2), warn_unused_result));

#endif
