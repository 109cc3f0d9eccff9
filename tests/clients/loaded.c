/* A program without TLS that loads plugins and runs the main function of each, one after the other.
 *
 * loaded WAY PLUGIN[:PLUGIN...] [ARG...]: WAY is `local`, `deepbind`, `again` (each plugin is run, unloaded,
 * loaded and run again) or `namespace` (of its own, by dlmopen). Exit status: the plugins' worst.
 */
#include <dlfcn.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLUGINS_MAX = 4 };

typedef int main_function(int argc, char **argv);

static void *load(const char *way, const char *file)
{
    void *handle = NULL;
    if (strcmp(way, "namespace") == 0)
        handle = dlmopen(LM_ID_NEWLM, file, RTLD_NOW | RTLD_LOCAL);
    else
        handle = dlopen(file, RTLD_NOW | RTLD_LOCAL | (strcmp(way, "deepbind") == 0 ? RTLD_DEEPBIND : 0));
    if (!handle) {
        fprintf(stderr, "loaded: %s\n", dlerror());
        exit(2);
    }
    return handle;
}

static int run(void *handle, int argc, char **argv)
{
    main_function *function = (main_function *)dlsym(handle, "main");
    if (!function) {
        fprintf(stderr, "loaded: %s\n", dlerror());
        exit(2);
    }
    optind = 0;
    return function(argc, argv);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    void *handles[PLUGINS_MAX];
    char *files[PLUGINS_MAX], *way = argv[1];
    int count = 0, worst = 0;
    for (char *file = strtok(argv[2], ":"); file && count < PLUGINS_MAX; file = strtok(NULL, ":")) {
        files[count] = file;
        handles[count++] = load(way, file);
    }
    const bool again = strcmp(way, "again") == 0;
    for (int i = 0; i < count; i++)
        for (int times = again ? 2 : 1; times > 0; times--) {
            const int status = run(handles[i], argc - 2, argv + 2);
            fflush(stdout);
            worst = status > worst ? status : worst;
            dlclose(handles[i]);
            if (times > 1)
                handles[i] = load(way, files[i]);
        }
    return worst;
}
