/* Names in images, as dlsym and binds look them up. */
#include "tests/macos/loader/image.h"

#include <string.h>

void *symbol_of_system(const char *name)
{
    static const struct adapter *const tables[] = {adapters_plain,   adapters_files,   adapters_access,
                                                   adapters_sockets, adapters_threads, adapters_dyld};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct adapter *one = tables[i]; one->name[0]; one++)
            if (strcmp(one->name, name) == 0)
                return one->address;
    return NULL;
}

void *symbol_of_image(const struct image *image, const char *name, int depth)
{
    void *found = find_export(image, name);
    for (int i = 0; !found && depth > 0 && i < image->needed_count; i++)
        found =
            image->needed[i] ? symbol_of_image(image->needed[i], name, depth - 1) : symbol_of_system(name);
    return found;
}

void *symbol_anywhere(const char *name, const struct image *after, bool itself)
{
    const struct image *image = images;
    if (after)
        image = itself ? after : after->next;
    for (; image; image = image->next) {
        void *found = find_export(image, name);
        if (found)
            return found;
    }
    return symbol_of_system(name);
}
