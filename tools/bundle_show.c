/* pinshim bundle show: what is in it, whoever signed it. */
#include "bundle/utc.h"
#include "tools/bundle.h"
#include "tools/bundle_file.h"
#include "tools/command.h"
#include "tools/json_output.h"
#include "tools/options.h"
#include "tools/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] = "usage: pinshim bundle show [--json] [--file NAME] FILE\n"
                           "\n"
                           "Prints a bundle's version, times, keys and files, whoever signed it.\n"
                           "pinshim bundle verify says whether the signer's key is accepted.\n"
                           "\n"
                           "  -f, --file NAME  the text of one file of it, and nothing else\n"
                           "  -j, --json       one JSON object, with the files' texts\n"
                           "  -h, --help       this text\n"
                           "  -V, --version    the version\n"
                           "\n"
                           "Exit status: 0 done; 1 errors; 2 usage.\n";

struct view {
    const char *path;
    const struct envelope *envelope;
    const struct bundle *bundle;
    char created[UTC_TEXT_SIZE], expires[UTC_TEXT_SIZE];
};

static bool print_text(const struct view *view)
{
    printf("version  %" PRIu64 "\ncreated  %s\nexpires  %s\n", view->bundle->version, view->created,
           view->expires);
    for (size_t i = 0; i < view->envelope->signature_count; i++) {
        const struct bundle_signature *signature = &view->envelope->signatures[i];
        char key[BUNDLE_KEY_LENGTH + 1];
        bundle_key_format(&signature->key, key);
        printf("signed   %s%s\n", key,
               envelope_signature_holds(view->envelope, signature) ? "" : "  (doesn't hold)");
    }
    for (size_t i = 0; i < view->bundle->file_count; i++)
        printf("file     %s  %zu bytes\n", view->bundle->files[i].path, view->bundle->files[i].length);
    return true;
}

static json_t *signatures_json(const struct envelope *envelope)
{
    json_t *list = json_array();
    for (size_t i = 0; i < envelope->signature_count; i++) {
        char key[BUNDLE_KEY_LENGTH + 1];
        bundle_key_format(&envelope->signatures[i].key, key);
        json_array_append_new(list, json_pack("{s:s, s:b}", "public_key", key, "holds",
                                              envelope_signature_holds(envelope, &envelope->signatures[i])));
    }
    return list;
}

static json_t *files_json(const struct bundle *bundle)
{
    json_t *files = json_object();
    for (size_t i = 0; i < bundle->file_count; i++)
        json_object_set_new(files, bundle->files[i].path, json_output_string(bundle->files[i].text));
    return files;
}

static bool print_json(const struct view *view)
{
    return json_output_document(
        json_pack("{s:o, s:I, s:s, s:s, s:o, s:o}", "file", json_output_string(view->path), "version",
                  (json_int_t)view->bundle->version, "created", view->created, "expires", view->expires,
                  "signatures", signatures_json(view->envelope), "files", files_json(view->bundle)));
}

/* As it is; but a terminal obeys what may be in there. */
static void print_bytes(const char *text, size_t length)
{
    const bool safe = !isatty(STDOUT_FILENO);
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)text[i];
        putchar(safe || byte == '\n' || byte == '\t' || (byte >= ' ' && byte != 0x7f) ? byte : '?');
    }
}

static bool print_file(const struct view *view, const char *name)
{
    for (size_t i = 0; i < view->bundle->file_count; i++)
        if (strcmp(view->bundle->files[i].path, name) == 0) {
            print_bytes(view->bundle->files[i].text, view->bundle->files[i].length);
            return true;
        }
    report_error("%s: holds no file %s", view->path, name);
    return false;
}

static bool show(const char *path, const char *name, bool json)
{
    struct bundle_bytes bytes;
    struct envelope envelope;
    struct bundle bundle;
    if (!bundle_file_open(path, &bytes, &envelope))
        return false;
    bool shown = bundle_file_payload(path, &envelope, &bundle);
    if (shown) {
        struct view view = {.path = path, .envelope = &envelope, .bundle = &bundle};
        utc_format(bundle.created, view.created);
        utc_format(bundle.expires, view.expires);
        shown = name ? print_file(&view, name) : (json ? print_json : print_text)(&view);
        bundle_free(&bundle);
    }
    free(bytes.bytes);
    return shown;
}

int bundle_show_main(int argc, char **argv)
{
    static const struct option longs[] = {
        {"json", no_argument, NULL, 'j'}, {"file", required_argument, NULL, 'f'}, OPTIONS_COMMON};
    const struct options options = {help, "f:jhV", longs, STATUS_USAGE};
    const char *name = NULL;
    bool json = false;
    int status;
    for (int option; (option = options_next(argc, argv, &options, &status)) != OPTIONS_END;) {
        if (option == OPTIONS_DONE)
            return status;
        if (option == 'f')
            name = optarg;
        else
            json = true;
    }
    if (argc - optind != 1) {
        report_error("one FILE at a time; see pinshim bundle show --help");
        return STATUS_USAGE;
    }
    return show(argv[optind], name, json) ? STATUS_OK : STATUS_ERROR;
}
