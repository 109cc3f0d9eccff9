#include "shim/compiler.h"

#include "shim/text.h"

#include <dlfcn.h>
#include <limits.h>

compile_function *compiler(void)
{
    Dl_info self;
    char path[PATH_MAX];
    if (!dladdr(__extension__(void *) compiler, &self))
        return NULL;
    struct text text = text_over(path, sizeof path);
    text_add_folder(&text, self.dli_fname);
    text_add(&text, "libpinshim-compile.dylib");
    if (!text_end(&text))
        return NULL;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL); /* two-level names: its libraries are its own */
    if (!library)
        (void)dlerror(); /* the program has its own */
    return library ? (compile_function *)dlsym(library, "pinshim_compile") : NULL;
}
