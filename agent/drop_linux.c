#include "agent/drop.h"

#include "agent/self.h"
#include "tools/report.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NOBODY = 65534 };

/* What no execve may give back. A capability that the service's own bounds lack is gone already. */
static bool empty_bounding_set(void)
{
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
        if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1 &&
            prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
            return false;
    return true;
}

static bool empty_capabilities(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 &&
           syscall(SYS_capset, &header, none) == 0;
}

static bool become(uid_t user, gid_t group)
{
    uid_t uids[3];
    gid_t gids[3];
    return setgroups(0, NULL) == 0 && setresgid(group, group, group) == 0 &&
           setresuid(user, user, user) == 0 && getresuid(&uids[0], &uids[1], &uids[2]) == 0 &&
           getresgid(&gids[0], &gids[1], &gids[2]) == 0 && uids[0] == user && uids[1] == user &&
           uids[2] == user && gids[0] == group && gids[1] == group && gids[2] == group && user != 0 &&
           group != 0;
}

bool drop_privileges(void)
{
    const struct passwd *entry = getpwnam("pinshim");
    if (!entry)
        entry = getpwnam("nobody");
    const uid_t user = entry ? entry->pw_uid : NOBODY;
    const gid_t group = entry ? entry->pw_gid : NOBODY;
    if (empty_bounding_set() && become(user, group) && empty_capabilities() &&
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && self_bound(0))
        return true;
    report_error("can't give up root's privileges: %s", strerror(errno));
    return false;
}
