/* A line of /proc/PID/maps (proc(5)). */
#ifndef PINSHIM_TOOLS_MAPPING_H
#define PINSHIM_TOOLS_MAPPING_H

#include <stdbool.h>
#include <stdint.h>

struct mapping {
    uint64_t start, end;
    bool writable, executable;
    uint32_t device_major, device_minor;
    uint64_t inode;
    char *path;   /* points into the line; empty where no file is mapped */
    bool deleted; /* the file is gone, or another one stands at its path */
};

/* Takes the line apart, which is changed by that. False: it isn't of that form. */
bool mapping_parse(char *line, struct mapping *mapping) __attribute__((nonnull, warn_unused_result));

#endif
