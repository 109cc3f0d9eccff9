/* An account's name by its number, looked up once. */
#ifndef PINSHIM_TOOLS_USER_NAME_H
#define PINSHIM_TOOLS_USER_NAME_H

#include <sys/types.h>

/* The number itself where there is no such account. Stays until the program ends. */
const char *user_name(uid_t uid) __attribute__((returns_nonnull));

#endif
