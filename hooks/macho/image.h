/* What a loaded Mach-O object says of itself. Source: <mach-o/loader.h>.
 *
 * Views of its own memory: valid while it is loaded.
 */
#ifndef PINSHIM_HOOKS_MACHO_IMAGE_H
#define PINSHIM_HOOKS_MACHO_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The header that an object's mapping begins with. */
bool image_is_program(const void *header) __attribute__((nonnull, warn_unused_result));
size_t image_code_size(const void *header)
    __attribute__((nonnull, warn_unused_result)); /* and what is before */
bool image_interposes(const void *header) __attribute__((nonnull, warn_unused_result));
bool image_is_of_system(const void *header) __attribute__((nonnull, warn_unused_result)); /* of its cache */

/* A pointer that dyld has bound to another object's symbol, or will when it is called first. `name` is
 * without its underscore. */
typedef void image_visit(void **slot, const char *name, bool read_only);

/* Each such pointer that calls go through. */
void image_each_import(const void *header, intptr_t slide, image_visit *visit) __attribute__((nonnull));

/* Each name, without its underscore, that an object takes from others. */
typedef void image_named(const void *header, intptr_t slide, const char *name);
void image_each_name(const void *header, intptr_t slide, image_named *visit) __attribute__((nonnull));

/* An object's own definition of a name that others may use; NULL. */
const void *image_definition(const void *header, intptr_t slide, const char *name)
    __attribute__((nonnull, warn_unused_result));

/* Each pointer to `target` in an object's initialised data. */
void image_each_pointer(const void *header, intptr_t slide, const void *target, const char *name,
                        image_visit *visit) __attribute__((nonnull));

#endif
