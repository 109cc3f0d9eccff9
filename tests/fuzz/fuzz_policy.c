/* libFuzzer target: the reader of text policies. Whatever it is given is told off or compiled, and what is
 * compiled is whole. A text that libconfig takes has as many domains in the parts that we read as in one.
 *
 * Build, with
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -D_GNU_SOURCE -I.
 * of
 *   tests/fuzz/fuzz_policy.c config/(all).c -lconfig -lcdb -lcrypto
 * and run it with
 *   -max_total_time=60 -max_len=8192 -dict=tests/fuzz/policy.dict CORPUS tests/fuzz/policies
 * tests/fixtures/policies/good
 */
#include "config/compile.h"
#include "config/image.h"
#include "config/parse.h"
#include "config/scan.h"

#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

static void require(bool condition)
{
    if (!condition)
        abort();
}

static char folder[] = "/dev/shm/pinshim-fuzz-XXXXXX";
static char device[64], persona[64];

static void remove_folder(void)
{
    char path[64];
    unlink(device);
    unlink(persona);
    snprintf(path, sizeof path, "%s/persona.d", folder);
    rmdir(path);
    rmdir(folder);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    require(mkdtemp(folder) != NULL);
    snprintf(device, sizeof device, "%s/persona.d", folder);
    require(mkdir(device, 0700) == 0);
    snprintf(persona, sizeof persona, "%s/persona.d/a.conf", folder);
    snprintf(device, sizeof device, "%s/pinshim.conf", folder);
    atexit(remove_folder);
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
