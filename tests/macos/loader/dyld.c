/* What dyld offers to the images that it has loaded (<dlfcn.h>, <mach-o/dyld.h>).
 *
 * Not modelled: images are never unloaded, handles aren't counted, RTLD_LOCAL hides nothing from flat
 * look-ups.
 */
#include "tests/macos/loader/image.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define DARWIN_NEXT      ((void *)-1)
#define DARWIN_DEFAULT   ((void *)-2)
#define DARWIN_SELF      ((void *)-3)
#define DARWIN_MAIN_ONLY ((void *)-5)

enum { DARWIN_NOLOAD = 0x10, DARWIN_FIRST = 0x100, LISTENERS_MOST = 16, DEPTH_MOST = 8 };

typedef void added(const struct header *header, intptr_t slide);

static added *listeners[LISTENERS_MOST];
static int listener_count;
static __thread char error[512];
static __thread bool has_error;

static void *failed(const char *what, const char *name)
{
    snprintf(error, sizeof error, "%s: %s", name, what);
    has_error = true;
    return NULL;
}

static char *give_error(void)
{
    const bool had = has_error;
    has_error = false;
    return had ? error : NULL;
}

/* Those that are there are told of at once. */
static void listen_to(added *function)
{
    if (listener_count == LISTENERS_MOST)
        fail("too many ask for added images");
    listeners[listener_count++] = function;
    for (const struct image *image = images; image; image = image->next)
        if (image->bound)
            function(image->header, image->slide);
}

void dyld_tell(const struct image *image)
{
    for (int i = 0; i < listener_count; i++)
        listeners[i](image->header, image->slide);
}

static const struct image *image_at(uint32_t index)
{
    const struct image *image = images;
    while (image && index--)
        image = image->next;
    return image;
}

static uint32_t image_count(void)
{
    uint32_t count = 0;
    while (image_at(count))
        count++;
    return count;
}

static const struct header *image_header(uint32_t index)
{
    const struct image *image = image_at(index);
    return image ? image->header : NULL;
}

static intptr_t image_slide(uint32_t index)
{
    const struct image *image = image_at(index);
    return image ? image->slide : 0;
}

static const char *image_name(uint32_t index)
{
    const struct image *image = image_at(index);
    return image ? image->path : NULL;
}

/* The symbol at or before an address. */
static void nearest(const struct image *image, const void *address, Dl_info *info)
{
    const struct symtab *table = (const struct symtab *)next_command(image, NULL, COMMAND_SYMTAB);
    const struct symbol *symbols = (const struct symbol *)linkedit(image, table ? table->symbols : 0);
    for (uint32_t i = 0; table && i < table->count; i++) {
        void *at = (void *)(symbols[i].value + (uintptr_t)image->slide);
        if ((symbols[i].type & SYMBOL_TYPE) != SYMBOL_IN_SECTION || at > address || at < info->dli_saddr)
            continue;
        info->dli_saddr = at;
        info->dli_sname = linkedit(image, table->strings) + symbols[i].name;
        info->dli_sname += info->dli_sname[0] == '_';
    }
}

static int find_address(const void *address, Dl_info *info)
{
    const struct image *image = image_of(address);
    if (!image)
        return 0;
    memset(info, 0, sizeof *info);
    if (image->elf)
        (void)dladdr(address, info);
    else
        nearest(image, address, info);
    info->dli_fname = image->path;
    info->dli_fbase = (void *)image->header;
    return 1;
}

/* A handle is an image, or one byte more: of that alone, without what it needs. */
enum { ALONE = 1 };

static void *open_image(const char *name, int mode)
{
    if (!name)
        return images;
    struct image *image = mode & DARWIN_NOLOAD ? find_image(name) : load_image(name);
    if (!image)
        return failed("no such image", name);
    load_finish();
    return (char *)image + (mode & DARWIN_FIRST ? ALONE : 0);
}

static int close_image(void *handle)
{
    (void)handle;
    return 0;
}

static void *look_up(void *handle, const char *name, const void *caller)
{
    const struct image *image = image_of(caller);
    if (handle == DARWIN_NEXT || handle == DARWIN_SELF)
        return symbol_anywhere(name, image, handle == DARWIN_SELF);
    if (handle == DARWIN_DEFAULT || handle == images)
        return symbol_anywhere(name, NULL, true);
    if (handle == DARWIN_MAIN_ONLY)
        return find_export(images, name);
    const bool alone = (uintptr_t)handle & ALONE;
    return symbol_of_image((struct image *)(void *)((char *)handle - alone), name, alone ? 0 : DEPTH_MOST);
}

/* Who asks is told by where the call returns to. Its answer is what a bind would give. */
static void *find_symbol(void *handle, const char *name)
{
    void *found = look_up(handle, name, __builtin_return_address(0));
    return found ? interposed(found, NULL) : failed("symbol not found", name);
}

static char ***arguments_place(void)
{
    return &program_arguments;
}

static int not_set_uid(void)
{
    return 0;
}

/* Of which code that is bound by an image asks itself; every pointer is bound by then. */
static void bind_lazily(void)
{
    fail("a lazy pointer was left");
}

static void variable_unprepared(void)
{
    fail("a thread-local variable without its image");
}

const struct adapter adapters_dyld[] = {
#define ADAPTER(name, function)                                                                              \
    {                                                                                                        \
        name, __extension__(void *) function                                                                 \
    }
    ADAPTER("dladdr", find_address),
    ADAPTER("dlopen", open_image),
    ADAPTER("dlclose", close_image),
    ADAPTER("dlsym", find_symbol),
    ADAPTER("dlerror", give_error),
    ADAPTER("_dyld_register_func_for_add_image", listen_to),
    ADAPTER("_dyld_image_count", image_count),
    ADAPTER("_dyld_get_image_header", image_header),
    ADAPTER("_dyld_get_image_vmaddr_slide", image_slide),
    ADAPTER("_dyld_get_image_name", image_name),
    ADAPTER("_NSGetArgv", arguments_place),
    ADAPTER("issetugid", not_set_uid),
    ADAPTER("_tlv_bootstrap", variable_unprepared),
    ADAPTER("dyld_stub_binder", bind_lazily),
    {"", NULL},
};
