/* A new image in the place of an old one: checked, at once, whole or not at all. */
#ifndef PINSHIM_CONFIG_INSTALL_IMAGE_INSTALL_H
#define PINSHIM_CONFIG_INSTALL_IMAGE_INSTALL_H

#include "config/compile.h"
#include "config/image.h"

/* Compiles into compilation->image_fd, and reads it back. IMAGE_OK: it is sound in every block, and
 * *header is its header. Else *diagnostics has errors, or the status says what is wrong with the image. */
enum image_status image_make(const struct compilation *compilation, struct diagnostics *diagnostics,
                             struct image_header *header) __attribute__((nonnull, warn_unused_result));

/* Names on one file system. */
struct image_place {
    const char *image;  /* what is replaced */
    const char *folder; /* it lies there */
    const char *next;   /* the new image; gone afterwards, whatever happens */
    const char *spare;  /* a name that the old one has for a moment */
    const char *before; /* and this one it keeps: IMAGE~ */
};

/* Gives the new image, which is written and checked, its name and everybody's right to read it; `fd` is open
 * to it. There is never a moment without an image, and none of a torn one, whatever ends this process or the
 * machine. False with errno: *culprit is the name that it failed at. */
bool image_put(const struct image_place *place, int fd, const char **culprit)
    __attribute__((nonnull, warn_unused_result));

#endif
