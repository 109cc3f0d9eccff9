#include "agent/work_folder.h"

#include "agent/paths.h"

#include <errno.h>
#include <fts.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool remove_entry(const FTSENT *entry)
{
    switch (entry->fts_info) {
    case FTS_D: /* again after what is in it */
        return true;
    case FTS_DP:
        return entry->fts_level == FTS_ROOTLEVEL || rmdir(entry->fts_accpath) == 0;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        errno = entry->fts_errno;
        return false;
    default:
        return unlink(entry->fts_accpath) == 0;
    }
}

bool work_folder_empty(void)
{
    char path[] = AGENT_WORK;
    char *const paths[] = {path, NULL};
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return false;
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    bool empty = tree != NULL;
    for (FTSENT *entry; empty && (entry = fts_read(tree));)
        empty = remove_entry(entry);
    const int error = errno;
    if (tree)
        (void)fts_close(tree);
    errno = error;
    return empty;
}
