/* pinshim compile: text to image, atomically. */
#include "config/compile.h"

#include "config/image.h"
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
    const bool compiled = policy_compile(&compilation, &diagnostics);
    report_diagnostics(&diagnostics);
    diagnostics_free(&diagnostics);
    if (!compiled)
        return false;
    struct image image;
    enum image_status status = image_open(&image, fd);
    if (status == IMAGE_OK) {
        status = image_verify(&image);
        image_close(&image);
    }
    if (status != IMAGE_OK)
        report_error("%s: the new image %s", policy, image_status_text(status));
    return status == IMAGE_OK;
}

/* A damaged image is not worth keeping: IMAGE~ may hold a sound one. */
static bool worth_keeping(const char *path)
{
    struct image image;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    bool sound = image_open(&image, fd) == IMAGE_OK;
    if (sound) {
        sound = image_verify(&image) == IMAGE_OK;
        image_close(&image);
    }
    close(fd);
    return sound;
}

/* The old image gets a second name, so that there is never a moment without one under its own. */
static bool keep_before(const struct output *output)
{
    if (!worth_keeping(output->image))
        return true;
    unlink(output->spare);
    const bool kept = link(output->image, output->spare) == 0 && rename(output->spare, output->before) == 0;
    const int error = errno;
    unlink(output->spare); /* still there where IMAGE~ was this very file: rename(2) does nothing then */
    errno = error;
    return kept || fail(output->before);
}

static bool sync_folder(const char *folder)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && fsync(fd) == 0;
    if (!synced)
        fail(folder);
    if (fd >= 0)
        close(fd);
    return synced;
}

static bool compile(const char *policy, struct output *output)
{
    const int fd = mkostemp(output->next, O_CLOEXEC);
    if (fd < 0)
        return fail(output->folder);
    bool written = fill(policy, output, fd);
    if (written && (fchmod(fd, 0644) != 0 || fsync(fd) != 0))
        written = fail(output->next);
    close(fd);
    if (written)
        written = keep_before(output);
    if (written && rename(output->next, output->image) != 0)
        written = fail(output->image);
    if (!written)
        unlink(output->next);
    return written && sync_folder(output->folder);
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
