/* Declares the interposed functions of the folder whose HOOKS_<folder> is defined, after the headers of its
 * own library: a prototype that differs from theirs doesn't compile. Only for a folder's exports.h. */
#ifndef HOOK_LABEL /* the hook's symbol is the function's own; else another system's: macho/label.h */
#define HOOK_LABEL(name)
#endif
#define HOOK(library, type, name, parameters, stage)                                                         \
    __attribute__((visibility("default"))) type name parameters HOOK_LABEL(name);
#include "hooks/hooks.def"
#undef HOOK
