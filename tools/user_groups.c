#include "tools/user_groups.h"

#include "tools/report.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(sizeof(gid_t) == sizeof(uint32_t), "groups are 32 bits wide");

static bool read_own(struct user_groups *groups)
{
    const struct passwd *account = getpwuid(geteuid());
    char number[16];
    snprintf(number, sizeof number, "%u", (unsigned)geteuid());
    groups->user = strdup(account ? account->pw_name : number);
    const int count = getgroups(0, NULL);
    groups->ids = count < 0 ? NULL : calloc((size_t)count + 1, sizeof *groups->ids);
    if (!groups->user || !groups->ids || getgroups(count, groups->ids) != count)
        return false;
    groups->ids[count] = getegid();
    groups->count = (size_t)count + 1;
    return true;
}

static bool read_of(const struct passwd *account, struct user_groups *groups)
{
    enum { MOST = 1 << 16 /* NGROUPS_MAX of Linux */ };
    groups->user = strdup(account->pw_name);
    for (int capacity = 64, count; groups->user && capacity <= MOST; capacity *= 2) {
        void *ids = realloc(groups->ids, (size_t)capacity * sizeof *groups->ids);
        if (!ids)
            return false;
        groups->ids = ids;
        count = capacity;
        if (getgrouplist(account->pw_name, account->pw_gid, ids, &count) < 0)
            continue; /* macOS's leaves `count` alone */
        groups->count = (size_t)count;
        return true;
    }
    return false;
}

bool user_groups_read(const char *user, struct user_groups *groups)
{
    *groups = (struct user_groups){0};
    errno = 0;
    const struct passwd *account = user ? getpwnam(user) : NULL;
    if (user && !account) {
        report_error("%s: %s", user, errno ? strerror(errno) : "no such user");
        return false;
    }
    if (account ? read_of(account, groups) : read_own(groups))
        return true;
    report_error("can't read the groups: %s", strerror(errno));
    return false;
}

void user_groups_free(struct user_groups *groups)
{
    free(groups->user);
    free(groups->ids);
}
