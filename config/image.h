/* Reads a compiled policy in place.
 *
 * An opened image is immutable: any number of threads may read it, before and after a fork.
 */
#ifndef PINSHIM_CONFIG_IMAGE_H
#define PINSHIM_CONFIG_IMAGE_H

#include "config/image_format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image {
    const uint8_t *start; /* the mapped file */
    size_t size;
    uint64_t file; /* which file it is (file_facts.h), for whom that matters; 0: unknown, or of memory */
    struct image_header header;
};

/* Zero means refused. */
enum image_status {
    IMAGE_DAMAGED = 0, /* shorter than it says, or a checksum is wrong */
    IMAGE_UNREADABLE,  /* errno says why */
    IMAGE_NOT_IMAGE,   /* something else: a text policy, perhaps */
    IMAGE_NEWER,       /* of a schema this program doesn't know, or of another machine's byte order */
    IMAGE_OK,
};

/* Maps the image behind `fd`, which stays the caller's and may be closed at once. Checks the header and the
 * lengths, no more. Only after IMAGE_OK is there something to close. */
enum image_status image_open(struct image *image, int fd) __attribute__((nonnull, warn_unused_result));

void image_close(struct image *image) __attribute__((nonnull));

/* One clause for an error message: "is damaged", ... */
const char *image_status_text(enum image_status status) __attribute__((returns_nonnull));

/* Zero means refused. */
enum image_found {
    IMAGE_FIND_DAMAGED = 0, /* nothing can be said about this key */
    IMAGE_ABSENT,
    IMAGE_FOUND,
};

/* The value of a key, every byte that led to it checked. *value points into the image, unaligned. */
enum image_found image_find(const struct image *image, const void *key, size_t key_length,
                            const uint8_t **value, size_t *value_length)
    __attribute__((nonnull, warn_unused_result));

/* As image_find, for a key that is `kind` alone, or `kind` and a persona's index. */
enum image_found image_find_kind(const struct image *image, enum image_key kind, const uint8_t **value,
                                 size_t *value_length) __attribute__((nonnull, warn_unused_result));
enum image_found image_find_persona(const struct image *image, enum image_key kind, uint32_t index,
                                    const uint8_t **value, size_t *value_length)
    __attribute__((nonnull, warn_unused_result));

/* Checks every block. For `pinshim check IMAGE` and before an image is installed: O(size). */
enum image_status image_verify(const struct image *image) __attribute__((nonnull, warn_unused_result));

#endif
