/* The Unix groups by which personas apply: of a user, or of this process. */
#ifndef PINSHIM_TOOLS_USER_GROUPS_H
#define PINSHIM_TOOLS_USER_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct user_groups {
    char *user;    /* the account's name, or its number where it has none; owned */
    uint32_t *ids; /* owned */
    size_t count;
};

/* `user` NULL: this process's, with its effective group. Else those that a login of the account gets. False,
 * reported: there is no such account, or no memory. To be freed in either case. */
bool user_groups_read(const char *user, struct user_groups *groups)
    __attribute__((nonnull(2), warn_unused_result));

void user_groups_free(struct user_groups *groups) __attribute__((nonnull));

#endif
