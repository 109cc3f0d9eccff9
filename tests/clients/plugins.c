/* A program whose TLS is in plugins: loads each library apart (RTLD_LOCAL), and runs its kit_main.
 *
 * usage: plugins LIBRARY,LIBRARY,... ARGUMENT...
 * Status: 0 where each was 0.
 */
#include <dlfcn.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int main_function(int argc, char **argv);

static int run(const char *library, int argc, char **argv)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    main_function *function = handle ? __extension__(main_function *) dlsym(handle, "kit_main") : NULL;
    if (!function) {
        fprintf(stderr, "plugins: %s\n", dlerror());
        exit(2);
    }
    optind = 0; /* getopt starts anew */
    return function(argc, argv);
}

int main(int argc, char **argv)
{
    int status = 0;
    for (char *library = argc > 1 ? strtok(argv[1], ",") : NULL; library; library = strtok(NULL, ","))
        status |= run(library, argc - 1, argv + 1);
    return status;
}
