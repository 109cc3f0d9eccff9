/* Declares the interposed functions of the folder whose HOOKS_<folder> is defined, after the headers of its
 * own library: a prototype that differs from theirs doesn't compile. Only for a folder's exports.h. */
#define HOOK(library, type, name, parameters, stage)                                                         \
    __attribute__((visibility("default"))) type name parameters;
#include "hooks/hooks.def"
#undef HOOK
