#include "tools/dependencies.h"

#include "tools/library_file.h"
#include "tools/library_search.h"

#include <stdlib.h>
#include <string.h>

static bool is_known(const struct dependencies *dependencies, const char *name)
{
    for (size_t i = 0; i < dependencies->count; i++)
        if (strcmp(dependencies->libraries[i].name, name) == 0)
            return true;
    return false;
}

static bool add(struct dependencies *dependencies, const struct dependency *dependency)
{
    if (dependencies->count == dependencies->capacity) {
        const size_t capacity = dependencies->capacity ? 2 * dependencies->capacity : 32;
        void *larger = reallocarray(dependencies->libraries, capacity, sizeof *dependencies->libraries);
        if (!larger)
            return false;
        dependencies->libraries = larger;
        dependencies->capacity = capacity;
    }
    dependencies->libraries[dependencies->count++] = *dependency;
    return true;
}

static bool add_needed(struct dependencies *dependencies, const struct library_file *needer,
                       const struct library_file *program)
{
    for (size_t i = 0; i < needer->needed_count; i++) {
        const char *name = needer->needed[i];
        const struct dependency found = {
            .name = name,
            .above = needer->path,
            .file = is_known(dependencies, name) ? NULL : library_search(name, needer, program)};
        if (!is_known(dependencies, name) && !add(dependencies, &found))
            return false;
    }
    return true;
}

bool dependencies_find(const char *program, struct dependencies *dependencies)
{
    *dependencies = (struct dependencies){0};
    const struct library_file *const start = library_file_open_program(program);
    if (!start)
        return true;
    bool whole = add_needed(dependencies, start, start);
    for (size_t i = 0; i < dependencies->count && whole; i++)
        if (dependencies->libraries[i].file)
            whole = add_needed(dependencies, dependencies->libraries[i].file, start);
    return whole;
}

void dependencies_free(struct dependencies *dependencies)
{
    free(dependencies->libraries);
    *dependencies = (struct dependencies){0};
}
