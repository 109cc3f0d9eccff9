/* pinshim check: is this policy right? */
#include "tools/command.h"
#include "tools/json_output.h"
#include "tools/options.h"
#include "tools/policy_file.h"
#include "tools/report.h"

#include <inttypes.h>
#include <stdio.h>

static const char help[] = "usage: pinshim check [--json] [FILE]\n"
                           "\n"
                           "Prints every error and warning of a policy on standard error:\n"
                           "  FILE:LINE: error: ...\n"
                           "FILE is a policy, with its personas in persona.d/ beside it, or an image.\n"
                           "Without FILE: PINSHIM_CONFIG, else " POLICY_FILE_TEXT ".\n"
                           "\n"
                           "  -j, --json     one JSON object on standard output, and no other text\n"
                           "  -h, --help     this text\n"
                           "  -V, --version  the version\n"
                           "\n"
                           "Exit status: 0 fine, warnings or not; 1 errors; 2 usage.\n";

static json_t *diagnostics_json(const struct diagnostics *diagnostics)
{
    json_t *list = json_array();
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *diagnostic = &diagnostics->items[i];
        json_t *line = diagnostic->line ? json_integer(diagnostic->line) : json_null();
        json_array_append_new(list,
                              json_pack("{s:o, s:o, s:s, s:o}", "file", json_output_string(diagnostic->file),
                                        "line", line, "severity", severity_name(diagnostic->severity),
                                        "message", json_output_string(diagnostic->message)));
    }
    if (json_array_size(list) == diagnostics->count && diagnostics->errors <= diagnostics->count)
        return list;
    json_decref(list); /* some are lost: none is better than a list that looks whole */
    return NULL;
}

static bool print_json(const char *path, const struct policy_finding *finding)
{
    static const char *const kinds[] = {
        [POLICY_FILE_BAD] = NULL, [POLICY_FILE_IS_TEXT] = "text", [POLICY_FILE_IS_IMAGE] = "image"};
    char version[17] = "";
    if (finding->valid && finding->kind == POLICY_FILE_IS_IMAGE)
        (void)snprintf(version, sizeof version, "%016" PRIx64, finding->header.policy_version);
    return json_output_document(json_pack("{s:o, s:s?, s:b, s:s*, s:o}", "file", json_output_string(path),
                                          "kind", kinds[finding->kind], "valid", finding->valid,
                                          "policy_version", version[0] ? version : NULL, "diagnostics",
                                          diagnostics_json(&finding->diagnostics)));
}

static bool print_text(const char *path, const struct policy_finding *finding)
{
    report_diagnostics(&finding->diagnostics);
    if (finding->valid && finding->kind == POLICY_FILE_IS_TEXT)
        printf("%s: a valid policy\n", path);
    else if (finding->valid)
        printf("%s: a valid image, policy version %016" PRIx64 "\n", path, finding->header.policy_version);
    return true;
}

/* False: return *status. */
static bool read_options(int argc, char **argv, bool *json, int *status)
{
    static const struct option longs[] = {{"json", no_argument, NULL, 'j'}, OPTIONS_COMMON};
    const struct options options = {help, "jhV", longs, STATUS_USAGE};
    for (int option; (option = options_next(argc, argv, &options, status)) != OPTIONS_END;) {
        if (option == OPTIONS_DONE)
            return false;
        *json = true;
    }
    *status = STATUS_USAGE;
    if (argc - optind > 1)
        report_error("one FILE at a time; see pinshim check --help");
    return argc - optind <= 1;
}

int check_main(int argc, char **argv)
{
    bool json = false;
    int status;
    if (!read_options(argc, argv, &json, &status))
        return status;
    const char *path = optind < argc ? argv[optind] : NULL;
    if (!path && !policy_file_named(&path, NULL))
        return STATUS_ERROR;
    if (!path)
        path = POLICY_FILE_TEXT;

    struct policy_finding finding;
    policy_file_examine(path, POLICY_TO_CHECK, &finding);
    const bool printed = (json ? print_json : print_text)(path, &finding);
    diagnostics_free(&finding.diagnostics);
    return printed && finding.valid ? STATUS_OK : STATUS_ERROR;
}
