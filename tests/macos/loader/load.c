/* Images and what they need, in dyld's order: all are mapped, then bound, then told of, then initialised. */
#include "tests/macos/loader/image.h"

#include <stdlib.h>
#include <string.h>

struct image *images;

static struct place {
    const char *name, *file;
} places[16] = {
    {"libssl.3.dylib", "libssl.so.3"},         {"libcrypto.3.dylib", "libcrypto.so.3"},
    {"libgnutls.30.dylib", "libgnutls.so.30"}, {"libssl3.dylib", "libssl3.so"},
    {"libsmime3.dylib", "libsmime3.so"},       {"libnss3.dylib", "libnss3.so"},
    {"libnspr4.dylib", "libnspr4.so"},         {"libplds4.dylib", "libplds4.so"},
};

void load_say_where(const char *name, const char *file)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (!places[i].name || strcmp(places[i].name, name) == 0) {
            places[i] = (struct place){name, file};
            return;
        }
    fail("too many libraries");
}

static const char *base_of(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static const char *file_of(const char *name)
{
    for (size_t i = 0; i < sizeof places / sizeof *places && places[i].name; i++)
        if (strcmp(places[i].name, base_of(name)) == 0)
            return places[i].file;
    return name;
}

struct image *find_image(const char *name)
{
    for (struct image *image = images; image; image = image->next)
        if (strcmp(image->path, name) == 0 || strcmp(image->install_name, name) == 0 ||
            strcmp(image->path, file_of(name)) == 0)
            return image;
    return NULL;
}

static void take_out(const struct image *image)
{
    struct image **link = &images;
    while (*link != image)
        link = &(*link)->next;
    *link = image->next;
}

static void append(struct image *image)
{
    struct image **end = &images;
    while (*end)
        end = &(*end)->next;
    *end = image;
}

/* False: one isn't there. What it has loaded by then stays, as an image of its own. */
static bool load_needed(struct image *image)
{
    const struct command *found = NULL;
    while ((found = next_command(image, found, COMMAND_LOAD_DYLIB))) {
        const char *name = (const char *)found + ((const struct dylib *)found)->name;
        if (image->needed_count == NEEDED_MOST)
            fail("%s needs too much", image->path);
        struct image *library = NULL;
        if (strcmp(name, "/usr/lib/libSystem.B.dylib") != 0 && !(library = load_image(name)))
            return false;
        image->needed[image->needed_count++] = library;
    }
    return true;
}

struct image *load_image(const char *name)
{
    struct image *image = find_image(name);
    if (image)
        return image;
    const char *file = file_of(name);
    image = map_macho(file);
    if (!image)
        return elf_image(file);
    append(image);
    if (load_needed(image))
        return image;
    take_out(image);
    return NULL;
}

static void bind(struct image *image)
{
    image->bound = true;
    if (image->elf) {
        elf_interpose(image);
        return;
    }
    fix_up(image);
    thread_variables_prepare(image);
    map_protect(image);
}

typedef void initialiser(int argc, char **argv, char **environment, char **apple);

static void initialise(const struct image *image)
{
    extern char **environ;
    int argc = 0;
    while (program_arguments[argc])
        argc++;
    const struct section *section = NULL;
    while ((section = next_section(image, section))) {
        initialiser **functions = (initialiser **)(section->address + (uintptr_t)image->slide);
        if ((section->flags & SECTION_TYPE_MASK) == SECTION_INITIALISERS)
            for (uint64_t i = 0; i < section->size / sizeof *functions; i++)
                functions[i](argc, program_arguments, environ, environ);
    }
}

/* What was inserted comes before its users: bound first, for its tuples, and initialised before the program.
 */
static void bind_new(void)
{
    for (struct image *image = images; image; image = image->next)
        if (!image->bound)
            bind(image);
}

static void initialise_new(void)
{
    for (struct image *image = images->next; image; image = image->next)
        if (!image->ready) {
            image->ready = true;
            initialise(image);
        }
}

/* Between the two, everybody is told: what is changed then in an ELF library's pointers counts from here on.
 */
static void tell_and_initialise(void)
{
    for (struct image *image = images; image; image = image->next)
        if (!image->ready)
            dyld_tell(image);
    initialise_new();
    for (struct image *image = images; image; image = image->next)
        if (image->elf)
            elf_take_over(image);
}

void load_finish(void)
{
    bind_new();
    tell_and_initialise();
}

void load_program(const char *file, const char *inserted)
{
    images = map_macho(file);
    if (!images)
        fail("%s isn't a Mach-O file for x86_64", file);
    struct image *library = inserted ? map_macho(inserted) : NULL;
    if (inserted && !library)
        fail("%s can't be inserted", inserted);
    if (library)
        append(library);
    if (!load_needed(images) || (library && !load_needed(library)))
        fail("%s needs what isn't there", file);
    if (library) {
        bind(library);
        interpose_by(library);
    }
    bind_new();
    tell_and_initialise();
    images->ready = true;
    initialise(images);
}
