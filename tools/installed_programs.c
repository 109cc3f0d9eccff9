#include "tools/installed_programs.h"

#include "tools/cut_file.h"
#include "tools/progress.h"
#include "tools/report.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

/* Of programs that persons start, and of those that these leave their TLS to. */
static const char *const folders[] = {"/usr/local/sbin",
                                      "/usr/local/bin",
                                      "/usr/sbin",
                                      "/usr/bin",
                                      "/sbin",
                                      "/bin",
                                      "/usr/games",
                                      "/usr/local/games",
                                      "/usr/libexec",
                                      "/usr/lib/git-core",
                                      "/usr/lib/apt/methods"};

/* A file that was looked at, by whatever name. */
struct seen {
    struct {
        uint64_t device, inode;
    } key;
    UT_hash_handle hh;
    struct diagnosis *diagnosis; /* NULL: a script, or no memory */
};

struct walk {
    struct installed_programs *installed;
    struct seen *seen;
    bool failed;
};

/* The file's entry, *new where it is the first time; NULL: no program, or no memory. */
static struct seen *see(struct walk *walk, const char *path, bool *new)
{
    struct stat status;
    struct seen *seen = NULL;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return NULL;
    struct seen key = {.key = {status.st_dev, status.st_ino}};
    /* The analyser doesn't see that a structure's bytes are its members'. */
    // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult)
    HASH_FIND(hh, walk->seen, &key.key, sizeof key.key, seen);
    *new = !seen;
    if (seen)
        return seen;
    seen = calloc(1, sizeof *seen);
    if (!seen) {
        walk->failed = true;
        return NULL;
    }
    seen->key = key.key;
    HASH_ADD(hh, walk->seen, key, sizeof seen->key, seen);
    return seen;
}

static void diagnose(void *argument)
{
    struct diagnosis *diagnosis = argument;
    char path[PATH_MAX];
    memcpy(path, diagnosis->target.file, sizeof path);
    diagnosis_make(path, diagnosis);
}

/* Of the program at target->file, which is no script: once, by whichever name it is met first. */
static const struct diagnosis *diagnosis_of(struct walk *walk, const struct target *target)
{
    bool new;
    struct seen *seen = see(walk, target->file, &new);
    if (!seen || seen->diagnosis)
        return seen ? seen->diagnosis : NULL;
    struct diagnosis *diagnosis = calloc(1, sizeof *diagnosis);
    if (!diagnosis) {
        walk->failed = true;
        return NULL;
    }
    diagnosis->target = *target;
    if (!cut_file_guard(diagnose, diagnosis))
        snprintf(diagnosis->why, sizeof diagnosis->why, "cut short while it was looked at");
    return seen->diagnosis = diagnosis;
}

static bool make_room(struct installed_programs *installed)
{
    if (installed->count < installed->capacity)
        return true;
    const size_t capacity = installed->capacity ? 2 * installed->capacity : 256;
    void *larger = reallocarray(installed->programs, capacity, sizeof *installed->programs);
    if (!larger)
        return false;
    installed->programs = larger;
    installed->capacity = capacity;
    return true;
}

static void add(struct walk *walk, const char *path, const struct diagnosis *diagnosis)
{
    struct installed_programs *installed = walk->installed;
    struct installed_program *program = make_room(installed) ? &installed->programs[installed->count] : NULL;
    if (program)
        *program = (struct installed_program){strdup(path), diagnosis};
    if (program && program->path)
        installed->count++;
    else
        walk->failed = true;
}

/* A script stands for its interpreter, and is told of only where no preload reaches that. */
static void look_at(struct walk *walk, const char *path)
{
    static struct target target;
    bool new;
    if (access(path, X_OK) != 0 || !see(walk, path, &new) || !new)
        return;
    walk->installed->looked_at++;
    if (!target_follow(path, &target))
        return;
    const bool script = strcmp(target.file, path) != 0;
    const struct diagnosis *diagnosis = diagnosis_of(walk, &target);
    walk->installed->scripts += script;
    if (diagnosis && diagnosis_has_tls(diagnosis) && (!script || diagnosis->reach == REACH_NO))
        add(walk, path, diagnosis);
}

static void walk_folder(struct walk *walk, const char *folder, size_t index)
{
    char path[PATH_MAX], what[64];
    struct dirent **entries;
    const int count = scandir(folder, &entries, NULL, alphasort);
    snprintf(what, sizeof what, "programs, folder %zu of %zu", index + 1, sizeof folders / sizeof folders[0]);
    for (int i = 0; i < count; i++) {
        if (snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name) < (int)sizeof path)
            look_at(walk, path);
        free(entries[i]);
        progress_show((size_t)i + 1, (size_t)count, what);
    }
    if (count >= 0)
        free(entries);
}

static int compare(const void *a, const void *b)
{
    const struct installed_program *first = a, *second = b;
    const int difference = (int)first->diagnosis->reach - (int)second->diagnosis->reach;
    return difference ? difference : strcmp(first->path, second->path);
}

bool installed_programs_read(struct installed_programs *installed)
{
    *installed = (struct installed_programs){0};
    struct walk walk = {.installed = installed};
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char real[PATH_MAX];
        if (realpath(folders[i], real) && strcmp(real, folders[i]) == 0) /* /bin is /usr/bin, mostly */
            walk_folder(&walk, folders[i], i);
    }
    progress_end();
    if (installed->count)
        qsort(installed->programs, installed->count, sizeof *installed->programs, compare);
    struct seen *seen, *next;
    HASH_ITER(hh, walk.seen, seen, next)
    {
        HASH_DEL(walk.seen, seen);
        free(seen);
    }
    if (walk.failed)
        report_error("out of memory");
    return !walk.failed;
}

void installed_programs_free(struct installed_programs *installed)
{
    for (size_t i = 0; i < installed->count; i++)
        free(installed->programs[i].path);
    free(installed->programs);
    *installed = (struct installed_programs){0};
}
