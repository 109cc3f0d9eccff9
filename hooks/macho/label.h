/* Included before everything else where the library is built for macOS: a hook's own symbol. It mustn't be
 * the function's, which stands beside it in the table of interposed functions (interpose.c). */
#define HOOK_LABEL(name) __asm__("_pinshim_" #name)
