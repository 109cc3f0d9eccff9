#include "agent/drop.h"

#include "tools/report.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* <sandbox.h>, which calls it deprecated and names no successor for what isn't an application. */
int sandbox_init(const char *profile, uint64_t flags, char **error);
void sandbox_free_error(char *error);

/* A sandboxed process can't execute set-user-ID programs (forbidden-exec-sugid), whatever its profile allows,
 * nor can its children. */
static bool enter_sandbox(void)
{
    char *error = NULL;
    if (sandbox_init("(version 1)(allow default)", 0, &error) == 0)
        return true;
    report_error("sandbox_init: %s", error ? error : "failed");
    sandbox_free_error(error);
    return false;
}

static bool become(uid_t user, gid_t group)
{
    if (user == 0 || group == 0 || setgroups(1, &group) != 0 || setgid(group) != 0 || setuid(user) != 0)
        return false;
    const bool became = getuid() == user && geteuid() == user && getgid() == group && getegid() == group;
    return became && seteuid(0) != 0 && setuid(0) != 0;
}

bool drop_privileges(void)
{
    enum { NOBODY = -2 };
    const struct passwd *entry = getpwnam("_pinshim");
    if (!entry)
        entry = getpwnam("nobody");
    const uid_t user = entry ? entry->pw_uid : (uid_t)NOBODY;
    const gid_t group = entry ? entry->pw_gid : (gid_t)NOBODY;
    if (become(user, group) && enter_sandbox())
        return true;
    report_error("can't give up root's privileges: %s", strerror(errno));
    return false;
}
