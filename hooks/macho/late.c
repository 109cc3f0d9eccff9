/* Objects whose functions dyld doesn't interpose for us, since they weren't there when the program started,
 * or are a second copy of a library: what is bound to them is bound to our hooks here, whenever an object is
 * loaded, before its code runs. (dyld_dynamic_interpose, which did that, does nothing since macOS 12.) */
#include "hooks/macho/image.h"
#include "hooks/macho/interposed.h"

#include <dlfcn.h>
#include <errno.h>
#include <mach-o/dyld.h>
#include <mach-o/loader.h>
#include <mach/mach.h>

static bool make_writable(void **slot, bool writable)
{
    const vm_prot_t protection =
        writable ? VM_PROT_READ | VM_PROT_WRITE | VM_PROT_COPY : (vm_prot_t)VM_PROT_READ;
    const vm_address_t page = (vm_address_t)slot & ~(vm_page_size - 1);
    return vm_protect(mach_task_self(), page, vm_page_size, false, protection) == KERN_SUCCESS;
}

/* True where another interposer's hook stands: it leads to ours, or ours to it. */
static bool is_interposed(const void *function)
{
    Dl_info found;
    return dladdr(function, &found) && image_interposes(found.dli_fbase);
}

static void bind(void **slot, const char *name, bool read_only)
{
    any_function *hook = interposed_hook(name);
    if (!hook || !*slot || is_interposed(*slot))
        return;
    if (read_only && !make_writable(slot, true))
        return;
    __atomic_store_n(slot, __extension__(void *) hook, __ATOMIC_RELEASE);
    if (read_only)
        (void)make_writable(slot, false);
}

/* Function pointers in its data, as `static int (*connect)(SSL *) = SSL_connect`: dyld has bound them to some
 * object's definition, and what told where they are (its fixups are chained through them) is overwritten. */
static void bind_data(const void *header, intptr_t slide, const char *name)
{
    if (!interposed_hook(name))
        return;
    for (uint32_t i = 0, count = _dyld_image_count(); i < count; i++) {
        const struct mach_header *other = _dyld_get_image_header(i);
        if (!other || image_is_of_system(other) || image_interposes(other))
            continue;
        const void *original = image_definition(other, _dyld_get_image_vmaddr_slide(i), name);
        if (original)
            image_each_pointer(header, slide, original, name, bind);
    }
}

static void bind_object(const struct mach_header *header, intptr_t slide)
{
    const int saved = errno;
    if (!image_is_of_system(header) && !image_interposes(header)) {
        image_each_import(header, slide, bind);
        image_each_name(header, slide, bind_data);
    }
    errno = saved;
}

/* For those that are loaded now, and for each that will be. */
__attribute__((constructor)) static void watch_objects(void)
{
    _dyld_register_func_for_add_image(bind_object);
}
