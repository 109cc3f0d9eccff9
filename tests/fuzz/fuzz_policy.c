/* The reader of text policies. Whatever it is given is told off or compiled, and what is compiled is whole. A
 * text that libconfig takes has as many domains in the parts that we read as in one. Works in TMPDIR, which
 * whoever starts it removes: a fuzzer's processes end by signals. */
#include "config/compile.h"
#include "config/image.h"
#include "config/parse.h"
#include "config/scan.h"
#include "tests/fuzz/require.h"

#include <errno.h>
#include <libconfig.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* libconfig 1.5 forgets the string that it was reading when it meets a syntax error. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so\n";
}

const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}

static char device[PATH_MAX], persona[PATH_MAX];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *folder = getenv("TMPDIR");
    require(folder != NULL);
    require(snprintf(persona, sizeof persona, "%s/persona.d", folder) < (int)sizeof persona - 16);
    require(mkdir(persona, 0700) == 0 || errno == EEXIST);
    strcat(persona, "/a.conf");
    snprintf(device, sizeof device, "%s/pinshim.conf", folder);
    return 0;
}

static void write_file(const char *path, const char *text, size_t size)
{
    FILE *file = fopen(path, "we");
    require(file && fwrite(text, 1, size, file) == size && fclose(file) == 0);
}

/* What is compiled is an image. */
static void compile(void)
{
    struct image image;
    struct diagnostics diagnostics = {0};
    const int fd = memfd_create("image", MFD_CLOEXEC);
    const bool compiled = policy_compile(
        &(struct compilation){.path = device, .use = POLICY_TO_CHECK, .image_fd = fd, .files_fd = -1},
        &diagnostics);
    require(compiled == (diagnostics.errors == 0));
    if (compiled) {
        require(image_open(&image, fd) == IMAGE_OK);
        require(image_verify(&image) == IMAGE_OK);
        image_close(&image);
    }
    diagnostics_free(&diagnostics);
    close(fd);
}

static int domains_by_libconfig(const char *text)
{
    config_t config;
    config_init(&config);
    int count = -1;
    if (config_read_string(&config, text) == CONFIG_TRUE) {
        const config_setting_t *list = config_lookup(&config, "domains");
        count = list && config_setting_is_list(list) ? config_setting_length(list) : 0;
    }
    config_destroy(&config);
    return count;
}

static int domains_of_batch(const struct domain_batch *batch)
{
    char *text;
    require(asprintf(&text, "domains=(%.*s);", (int)batch->length, batch->start) > 0);
    const int count = domains_by_libconfig(text);
    free(text);
    return count;
}

/* Text that libconfig takes has as many domains in parts as in one. */
static void compare(const char *text, size_t size)
{
    struct diagnostics diagnostics = {0};
    struct domain_list list = {0};
    const bool parsable = scan_text("fuzz", text, size, &list, &diagnostics);
    const int whole = parsable ? domains_by_libconfig(text) : -1;
    if (whole >= 0 && list.state == DOMAIN_LIST_WHOLE) {
        int parts = 0;
        for (size_t i = 0; i < list.count; i++) {
            const int part = domains_of_batch(&list.batches[i]);
            require(part >= 0);
            parts += part;
        }
        require(parts == whole);
    }
    domain_list_free(&list);
    diagnostics_free(&diagnostics);
}

/* A line "%%" parts pinshim.conf from a persona's file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char line[] = "\n%%\n";
    char *text = malloc(size + 2);
    memcpy(text, data, size);
    const char *parting = memmem(text, size, line, strlen(line));
    const size_t device_size = parting ? (size_t)(parting - text) : size;
    write_file(device, text, device_size);
    if (parting)
        write_file(persona, parting + strlen(line), size - device_size - strlen(line));
    else
        unlink(persona);
    compile();
    memcpy(text + device_size, "\n", 2);
    compare(text, device_size + 1);
    free(text);
    return 0;
}
