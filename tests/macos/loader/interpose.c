/* The tuples of __DATA,__interpose: an original, and what stands for it wherever another image is bound to
 * it. A tuple without an original, as that of an absent library, counts for nothing. */
#include "tests/macos/loader/image.h"

#include <string.h>

enum { TUPLES_MOST = 512 };

static struct tuple {
    void *replacement, *original;
    const struct image *by;
} tuples[TUPLES_MOST];
static int count;

static void read_section(const struct image *image, const struct section *section)
{
    void **words = (void **)(section->address + (uintptr_t)image->slide);
    for (uint64_t i = 0; i + 1 < section->size / sizeof *words; i += 2) {
        if (!words[i + 1])
            continue;
        if (count == TUPLES_MOST)
            fail("too many tuples");
        tuples[count++] = (struct tuple){words[i], words[i + 1], image};
    }
}

void interpose_by(const struct image *image)
{
    const struct section *section = NULL;
    while ((section = next_section(image, section)))
        if (strncmp(section->name, "__interpose", 16) == 0)
            read_section(image, section);
}

void *interposed(void *target, const struct image *user)
{
    for (int i = 0; target && i < count; i++)
        if (tuples[i].original == target && tuples[i].by != user)
            return tuples[i].replacement;
    return target;
}
