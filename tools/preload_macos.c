#include "tools/preload.h"

#include <mach-o/dyld.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const struct preload_way preload_way = {
    .variable = "DYLD_INSERT_LIBRARIES",
    .library = "libpinshim.dylib",
    .installed = "../lib/pinshim/",
    .separators = ":", /* dyld(1) */
    .unfit = ":",
    .unfit_words = "':'",
};

bool preload_own_folder(char folder[PATH_MAX])
{
    char path[PATH_MAX];
    uint32_t size = sizeof path;
    if (_NSGetExecutablePath(path, &size) != 0 || !realpath(path, folder))
        return false;
    *strrchr(folder, '/') = '\0';
    return true;
}

/* One file holds all architectures. */
bool preload_second(const char *library, char second[PATH_MAX])
{
    (void)library, (void)second;
    return false;
}

bool preload_both(const char *library, char entry[PATH_MAX])
{
    (void)library, (void)entry;
    return false;
}

bool preload_accepted(const char *loader, const char *program, const char *library,
                      char reason[PRELOAD_REASON_SIZE])
{
    (void)loader, (void)program, (void)library, (void)reason;
    return true; /* dyld ends the program where it can't load what it was told to insert */
}

void preload_forget_children(void)
{
    /* there are none: nobody was asked */
}
