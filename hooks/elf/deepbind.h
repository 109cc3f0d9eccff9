/* Objects that were loaded with RTLD_DEEPBIND: they look into their own dependencies first, and their calls
 * go past every preload. They are bound to our hooks as other objects are. */
#ifndef PINSHIM_HOOKS_ELF_DEEPBIND_H
#define PINSHIM_HOOKS_ELF_DEEPBIND_H

/* The object of a handle and those that were loaded after it; NULL: all behind this library. What is bound to
 * the program itself, or to a library preloaded before this one, stays so. */
void deepbind_patch(void *handle);

#endif
