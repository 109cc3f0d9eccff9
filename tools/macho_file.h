/* Reads a program of macOS: would dyld load an inserted library into it? The file is untrusted: every read is
 * checked against its end.
 *
 * Source: <mach-o/loader.h>, <mach-o/fat.h>; the signature as XNU reads it (osfmk/kern/cs_blobs.h).
 */
#ifndef PINSHIM_TOOLS_MACHO_FILE_H
#define PINSHIM_TOOLS_MACHO_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one architecture, or of all in a universal file: what one of them has, the file has. */
struct macho_program {
    bool static_;    /* the kernel starts it without dyld */
    bool restricted; /* a section __RESTRICT,__restrict */
    uint32_t flags;  /* of its signature; 0: it has none */
    bool entitled;   /* there are entitlements: in text, in DER, or in both, and then both have to say it */
    bool allows_variables; /* entitled to com.apple.security.cs.allow-dyld-environment-variables */
    bool allows_libraries; /* ... to com.apple.security.cs.disable-library-validation */
};

/* Zero means unusable. */
enum macho_status {
    MACHO_MALFORMED = 0, /* cut short, contradicts itself, or is no program of 64 bits */
    MACHO_NOT_MACHO,
    MACHO_OK,
};

enum macho_status macho_parse(const void *bytes, size_t size, struct macho_program *program)
    __attribute__((nonnull, warn_unused_result));

/* Why no library can be inserted into the program at `path`, a clause; NULL: one can. */
const char *macho_refusal(const struct macho_program *program, const char *path)
    __attribute__((nonnull, warn_unused_result));

#endif
