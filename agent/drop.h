/* From root to nobody in particular. */
#ifndef PINSHIM_AGENT_DROP_H
#define PINSHIM_AGENT_DROP_H

#include <stdbool.h>

/* The user `pinshim` (macOS: `_pinshim`), where there is one, else `nobody`: no groups besides, no
 * capabilities, and no way to more privileges through any program. On Linux it ends with its parent, too.
 * False, told: some of that failed, and nothing must be done by this process. */
bool drop_privileges(void) __attribute__((warn_unused_result));

#endif
