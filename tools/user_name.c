#include "tools/user_name.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

struct user {
    uid_t uid;
    UT_hash_handle hh;
    char name[64];
};

static struct user *users;

const char *user_name(uid_t uid)
{
    struct user *user;
    HASH_FIND(hh, users, &uid, sizeof uid, user);
    if (user)
        return user->name;
    user = calloc(1, sizeof *user);
    if (!user)
        return "?";
    const struct passwd *account = getpwuid(uid);
    user->uid = uid;
    if (account)
        snprintf(user->name, sizeof user->name, "%s", account->pw_name);
    else
        snprintf(user->name, sizeof user->name, "%lu", (unsigned long)uid);
    HASH_ADD(hh, users, uid, sizeof user->uid, user);
    return user->name;
}
