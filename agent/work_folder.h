/* The folder in which an install is prepared. Root's alone. */
#ifndef PINSHIM_AGENT_WORK_FOLDER_H
#define PINSHIM_AGENT_WORK_FOLDER_H

#include <stdbool.h>

/* There, and empty, whatever an earlier process left. False with errno. */
bool work_folder_empty(void) __attribute__((warn_unused_result));

#endif
