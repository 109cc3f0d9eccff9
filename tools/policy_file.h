/* The policy files that a subcommand works on: which one, and is it sound? */
#ifndef PINSHIM_TOOLS_POLICY_FILE_H
#define PINSHIM_TOOLS_POLICY_FILE_H

#include "config/diagnostics.h"
#include "config/image.h"
#include "config/settings.h"

#include <stdbool.h>

#define POLICY_FILE_TEXT "/etc/pinshim/pinshim.conf"

/* *path: what PINSHIM_CONFIG names; NULL where it is unset or empty. *report is set where it asks for report
 * mode, too; NULL for whom that is the same. False, reported: it is a relative path, which every program
 * under the shim would refuse. */
bool policy_file_named(const char **path, bool *report) __attribute__((nonnull(1), warn_unused_result));

enum policy_file {
    POLICY_FILE_BAD = 0, /* errors have been reported */
    POLICY_FILE_IS_TEXT,
    POLICY_FILE_IS_IMAGE, /* *header is its header */
};

/* Checks the policy at `path`, with all its personas where it is text, every byte where it is an image, and
 * reports each error and warning on stderr. */
enum policy_file policy_file_check(const char *path, enum policy_use use, struct image_header *header)
    __attribute__((nonnull, warn_unused_result));

/* A policy, looked at. Zero-initialised: nothing is known, and nothing allowed. */
struct policy_finding {
    bool valid;
    enum policy_file kind; /* also of a policy that is not valid; POLICY_FILE_BAD: not even that is known */
    struct image_header header;     /* of a valid image */
    struct diagnostics diagnostics; /* owned: diagnostics_free */
};

/* As policy_file_check, and says nothing. */
void policy_file_examine(const char *path, enum policy_use use, struct policy_finding *finding)
    __attribute__((nonnull));

/* The installed image, as a process under the shim would find it. */
enum policy_installed {
    POLICY_INSTALLED_BAD = 0, /* reported: every handshake would be refused */
    POLICY_INSTALLED_NONE,
    POLICY_INSTALLED_FIXED,       /* PINSHIM_CONFIG is ignored */
    POLICY_INSTALLED_OVERRIDABLE, /* its allow_override is true */
};

enum policy_installed policy_file_installed(void) __attribute__((warn_unused_result));

#endif
