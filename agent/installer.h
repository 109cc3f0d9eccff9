/* Root's part: takes what may be a bundle, and puts its policy in force. */
#ifndef PINSHIM_AGENT_INSTALLER_H
#define PINSHIM_AGENT_INSTALLER_H

#include "agent/past_file.h"
#include "agent/settings.h"

#include <stdint.h>

struct installer {
    struct past past;
    struct settings settings;
    bool in_force; /* the accepted bundle is the kept one, and the image is its */
    enum bundle_age told_age;
};

/* Zero means refused. */
enum install_outcome { INSTALL_REFUSED = 0, INSTALL_CURRENT, INSTALL_DONE };

/* Reads what an earlier process left, makes the image agree with the kept bundle, and finds the settings that
 * are in force. Also later, for settings that may have changed. False, told: there are none. */
bool installer_start(struct installer *installer) __attribute__((nonnull, warn_unused_result));

/* Bytes that somebody says are a bundle, and the server's name for them ("": it gave none). What becomes of
 * them is told. */
enum install_outcome installer_take(struct installer *installer, const uint8_t *bytes, size_t size,
                                    const char etag[ETAG_SIZE]) __attribute__((nonnull, warn_unused_result));

/* The server says that the accepted bundle is still its newest. */
enum install_outcome installer_confirm(struct installer *installer)
    __attribute__((nonnull, warn_unused_result));

#endif
