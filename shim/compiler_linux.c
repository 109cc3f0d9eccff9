#include "shim/compiler.h"

#include "shim/text.h"

#include <dlfcn.h>
#include <limits.h>
#include <link.h>

/* Its libraries before the program's: that may carry another libconfig. A sanitizer's runtime can't do that.
 */
#ifdef __SANITIZE_ADDRESS__
#define FLAGS (RTLD_NOW | RTLD_LOCAL)
#else
#define FLAGS (RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND)
#endif

compile_function *compiler(void)
{
    struct dl_find_object self;
    char path[PATH_MAX];
    if (_dl_find_object(__extension__(void *) compiler, &self) != 0)
        return NULL;
    struct text text = text_over(path, sizeof path);
    text_add_folder(&text, self.dlfo_link_map->l_name);
    text_add(&text, "libpinshim-compile.so");
    if (!text_end(&text))
        return NULL;
    void *library = dlopen(path, FLAGS);
    if (!library)
        (void)dlerror(); /* the program has its own */
    return library ? (compile_function *)dlsym(library, "pinshim_compile") : NULL;
}
