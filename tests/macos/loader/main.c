/* Runs a Mach-O program for x86_64 on Linux, for tests: with the same variable as dyld
 * (DYLD_INSERT_LIBRARIES, one library), this machine's ELF libraries in the place of those that the program
 * is linked to, and libSystem by adapters over glibc.
 *
 * usage: loader [--library NAME=FILE]... PROGRAM [ARGUMENT...]
 * NAME, the last part of an install name, is FILE: an ELF library, or a Mach-O one.
 */
#include "tests/macos/loader/image.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char **program_arguments;

void fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("loader: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(125);
}

typedef int main_function(int argc, char **argv, char **environment, char **apple);

static main_function *entry_of(const struct image *image)
{
    const struct entry_point *entry = (const struct entry_point *)next_command(image, NULL, COMMAND_MAIN);
    if (!entry)
        fail("%s has no main function", image->path);
    return __extension__(main_function *)((const char *)image->header + entry->offset);
}

int main(int argc, char **argv)
{
    extern char **environ;
    int first = 1;
    for (; first + 1 < argc && strcmp(argv[first], "--library") == 0; first += 2) {
        char *file = strchr(argv[first + 1], '=');
        if (!file)
            fail("--library NAME=FILE");
        *file++ = '\0';
        load_say_where(argv[first + 1], file);
    }
    if (first >= argc)
        fail("no program");
    program_arguments = argv + first;
    load_program(argv[first], getenv("DYLD_INSERT_LIBRARIES"));
    exit(entry_of(images)(argc - first, program_arguments, environ, environ));
}
