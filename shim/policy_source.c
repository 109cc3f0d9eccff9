#include "shim/policy_source.h"

#include "config/compile.h"
#include "shim/text.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>

#define COMPILER_NAME "libpinshim-compile.so"

/* Its libraries before the program's: that may carry another libconfig. A sanitizer's runtime can't do that.
 */
#ifdef __SANITIZE_ADDRESS__
#define COMPILER_FLAGS (RTLD_NOW | RTLD_LOCAL)
#else
#define COMPILER_FLAGS (RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND)
#endif

typedef int compile_function(const char *path, int image_fd, char *error, size_t error_size);

/* libpinshim-compile.so, beside this library; loaded for a text policy alone, and kept for its replacements.
 */
static compile_function *compiler(void)
{
    struct dl_find_object self;
    char path[PATH_MAX];
    if (_dl_find_object(__extension__(void *) compiler, &self) != 0)
        return NULL;
    const char *name = self.dlfo_link_map->l_name;
    size_t folder = 0;
    for (size_t i = 0; name[i]; i++)
        if (name[i] == '/')
            folder = i + 1;
    struct text text = text_over(path, sizeof path);
    text_add_bytes(&text, name, folder);
    text_add(&text, COMPILER_NAME);
    if (!text_end(&text))
        return NULL;
    void *library = dlopen(path, COMPILER_FLAGS);
    if (!library)
        (void)dlerror(); /* the program has its own */
    return library ? (compile_function *)dlsym(library, "pinshim_compile") : NULL;
}

/* As errno-less as can be: the reason goes into `error`. */
static bool load_text(const char *path, struct image *image, char error[POLICY_ERROR_SIZE])
{
    compile_function *compile = compiler();
    if (!compile) {
        text_set(error, POLICY_ERROR_SIZE, COMPILER_NAME " can't be loaded: a text policy can't be read");
        return false;
    }
    const int fd = system_memory_file();
    if (fd < 0) {
        text_set(error, POLICY_ERROR_SIZE, "no memory for the policy");
        return false;
    }
    bool loaded = compile(path, fd, error, POLICY_ERROR_SIZE) == 0;
    if (loaded && image_open(image, fd) != IMAGE_OK) {
        text_set(error, POLICY_ERROR_SIZE, "the policy was compiled to a damaged image");
        loaded = false;
    }
    system_close(fd);
    return loaded;
}

static enum policy_load load_one(const char *path, bool text, struct image *image, struct system_file *stamp,
                                 char error[POLICY_ERROR_SIZE])
{
    const int fd = system_open(path);
    if (fd < 0) {
        text_set(error, POLICY_ERROR_SIZE, "can't be opened");
        return errno == ENOENT || errno == ENOTDIR ? POLICY_ABSENT : POLICY_BAD;
    }
    if (!system_file_of(fd, stamp) || !stamp->regular) {
        system_close(fd);
        text_set(error, POLICY_ERROR_SIZE, "is no regular file");
        return POLICY_BAD;
    }
    const enum image_status status = image_open(image, fd);
    system_close(fd);
    if (status == IMAGE_OK)
        return POLICY_LOADED;
    if (status == IMAGE_NOT_IMAGE && text)
        return load_text(path, image, error) ? POLICY_LOADED : POLICY_BAD;
    text_set(error, POLICY_ERROR_SIZE, image_status_text(status));
    return POLICY_BAD;
}

enum policy_load policy_source_load(const char *path, bool text, struct image *image,
                                    struct system_file *stamp, char error[POLICY_ERROR_SIZE])
{
    *stamp = (struct system_file){0};
    error[0] = '\0';
    if (path[0] != '/') {
        text_set(error, POLICY_ERROR_SIZE, "is a relative path");
        return POLICY_BAD;
    }
    const enum policy_load load = load_one(path, text, image, stamp, error);
    if (load != POLICY_BAD)
        return load;

    char before[PATH_MAX], ignored[POLICY_ERROR_SIZE];
    struct system_file before_stamp;
    struct text name = text_over(before, sizeof before);
    text_add(&name, path);
    text_add(&name, "~");
    if (text_end(&name) && load_one(before, false, image, &before_stamp, ignored) == POLICY_LOADED)
        return POLICY_LOADED;
    return POLICY_BAD;
}
