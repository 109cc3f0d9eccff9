/* pinshim compile: text to image, atomically. */
#include "config/install/image_install.h"
#include "shim/policy_source.h"
#include "tools/command.h"
#include "tools/options.h"
#include "tools/policy_file.h"
#include "tools/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] = "usage: pinshim compile [-o IMAGE] [FILE]\n"
                           "\n"
                           "Compiles a policy, with its personas in persona.d/ beside it, to the image that\n"
                           "programs load. IMAGE is replaced at once and whole, or, where the policy has an\n"
                           "error, not at all; the image before it is kept as IMAGE~.\n"
                           "Without FILE: PINSHIM_CONFIG, else " POLICY_FILE_TEXT ".\n"
                           "\n"
                           "  -o, --output IMAGE  instead of " POLICY_INSTALLED "\n"
                           "  -h, --help          this text\n"
                           "  -V, --version       the version\n"
                           "\n"
                           "Exit status: 0 done; 1 errors; 2 usage.\n";

/* Where an image is written, and the names around it. */
struct output {
    const char *image;
    char folder[PATH_MAX];
    char next[PATH_MAX];   /* the new image until it is whole */
    char spare[PATH_MAX];  /* the old one's second name until that is IMAGE~ */
    char before[PATH_MAX]; /* IMAGE~ */
};

static bool fail(const char *path)
{
    report_error("%s: %s", path, strerror(errno));
    return false;
}

static bool output_name(struct output *output, const char *image)
{
    const char *slash = strrchr(image, '/'), *name = slash ? slash + 1 : image;
    const int length = (int)(name - image);
    struct stat status;
    output->image = image;
    if (!name[0] || (lstat(image, &status) == 0 && !S_ISREG(status.st_mode))) {
        report_error("%s: not a regular file", image);
        return false;
    }
    const size_t size = PATH_MAX;
    if ((size_t)snprintf(output->folder, size, "%.*s", length ? length : 1, length ? image : ".") >= size ||
        (size_t)snprintf(output->next, size, "%.*s.%s.XXXXXX", length, image, name) >= size ||
        (size_t)snprintf(output->spare, size, "%.*s.%s.%ld~", length, image, name, (long)getpid()) >= size ||
        (size_t)snprintf(output->before, size, "%s~", image) >= size) {
        errno = ENAMETOOLONG;
        return fail(image);
    }
    return true;
}

/* On a terminal, for somebody who waits: one line that is written over, and gone at the end. */
static void show_progress(unsigned done, unsigned total)
{
    enum { WORTH_SHOWING = 100000 /* domains: a second or so */ };
    if (total < WORTH_SHOWING || !isatty(STDERR_FILENO))
        return;
    if (done < total)
        fprintf(stderr, "\r%u of %u domains", done, total);
    else
        fputs("\r\033[K", stderr);
    fflush(stderr);
}

/* The policy is right, and what was made of it can be read back. */
static bool fill(const char *policy, const struct output *output, int fd)
{
    const bool install = strcmp(output->image, POLICY_INSTALLED) == 0;
    const struct compilation compilation = {
        .path = policy,
        .use = install ? POLICY_TO_INSTALL : POLICY_TO_CHECK,
        .image_fd = fd,
        .files_fd = -1,
        .progress = show_progress,
    };
    struct diagnostics diagnostics = {0};
    struct image_header header;
    const enum image_status status = image_make(&compilation, &diagnostics, &header);
    report_diagnostics(&diagnostics);
    if (status != IMAGE_OK && diagnostics.errors == 0)
        report_error("%s: the new image %s", policy, image_status_text(status));
    diagnostics_free(&diagnostics);
    return status == IMAGE_OK;
}

static bool compile(const char *policy, struct output *output)
{
    const char *culprit;
    const int fd = mkostemp(output->next, O_CLOEXEC);
    if (fd < 0)
        return fail(output->folder);
    const struct image_place place = {.image = output->image,
                                      .folder = output->folder,
                                      .next = output->next,
                                      .spare = output->spare,
                                      .before = output->before};
    bool done = fill(policy, output, fd);
    if (!done)
        unlink(output->next);
    else if (!image_put(&place, fd, &culprit))
        done = fail(culprit);
    close(fd);
    return done;
}

/* False: return *status. */
static bool read_options(int argc, char **argv, const char **image, int *status)
{
    static const struct option longs[] = {{"output", required_argument, NULL, 'o'}, OPTIONS_COMMON};
    const struct options options = {help, "o:hV", longs, STATUS_USAGE};
    while (true) {
        switch (options_next(argc, argv, &options, status)) {
        case 'o':
            *image = optarg;
            break;
        case OPTIONS_END:
            *status = STATUS_USAGE;
            if (argc - optind > 1)
                report_error("one FILE at a time; see pinshim compile --help");
            return argc - optind <= 1;
        default:
            return false;
        }
    }
}

int compile_main(int argc, char **argv)
{
    const char *image = POLICY_INSTALLED, *policy;
    struct output output;
    int status;
    if (!read_options(argc, argv, &image, &status))
        return status;
    if (optind < argc)
        policy = argv[optind];
    else if (!policy_file_named(&policy, NULL))
        return STATUS_ERROR;
    if (!policy)
        policy = POLICY_FILE_TEXT;
    return output_name(&output, image) && compile(policy, &output) ? STATUS_OK : STATUS_ERROR;
}
