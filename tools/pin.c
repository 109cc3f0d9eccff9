/* pinshim pin: the pins of certificates, from files or from a server. */
#include "config/pin.h"
#include "tools/certificate_text.h"
#include "tools/command.h"
#include "tools/json_output.h"
#include "tools/options.h"
#include "tools/pin_entry.h"
#include "tools/pin_source.h"
#include "tools/report.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
    "usage: pinshim pin [--cafile FILE] [--json] CERTIFICATE|HOST[:PORT]...\n"
    "       pinshim pin [--cafile FILE] --policy HOST[:PORT]...\n"
    "\n"
    "Prints the pin of each certificate and its subject, one a line:\n"
    "  sha256//BASE64  SUBJECT\n"
    "CERTIFICATE is a file that exists, PEM (any number of certificates) or DER. HOST\n"
    "is asked over TLS, at port 443 where none is named; what it serves is printed,\n"
    "leaf first. Where that does not verify, an attacker may stand in between: the\n"
    "pins are printed with a warning, and the exit status is 1.\n"
    "\n"
    "  -C, --cafile FILE  verify against these roots (PEM), not the system's\n"
    "  -p, --policy       print entries for a policy's domains list instead: the pins\n"
    "                     of the leaf and its issuer, of a chain that does verify\n"
    "  -j, --json         print one JSON array, and no other text\n"
    "  -h, --help         this text\n"
    "  -V, --version      the version\n"
    "\n"
    "Exit status: 0 done; 1 a bad file, no answer, or a chain that does not verify;\n"
    "2 usage.\n";

struct pin_options {
    const char *roots;
    bool policy, json;
};

static const char no_key[] = "a certificate without a public key";

static bool verified(const struct pin_source *source)
{
    return !source->is_server || source->served.verified == X509_V_OK;
}

/* "sha256//BASE64  SUBJECT" */
static bool print_pin(X509 *certificate, const char *source)
{
    struct pin pin;
    char text[PIN_TEXT_SIZE], *subject = certificate_subject(certificate);
    const bool digested = subject && certificate_pin(certificate, &pin);
    if (digested) {
        pin_format(&pin, text);
        printf("%s  %s\n", text, subject);
    } else {
        report_error("%s: %s", source, subject ? no_key : "out of memory");
    }
    free(subject);
    return digested;
}

static bool print_table(const char *name, const char *roots)
{
    struct pin_source source;
    bool good = pin_source_read(&source, name, roots);
    for (int i = 0; i < sk_X509_num(source.served.chain); i++)
        good &= print_pin(sk_X509_value(source.served.chain, i), name);
    if (source.error[0])
        report_error("%s: %s", name, source.error);
    else if (!verified(&source))
        report_warning(
            "%s: this chain does not verify: %s; don't use these pins before you know whose they are", name,
            X509_verify_cert_error_string(source.served.verified));
    good &= verified(&source);
    pin_source_free(&source);
    return good;
}

/* What every object of a source has; NULL: no memory. */
static json_t *source_json(const struct pin_source *source, const char *error)
{
    json_t *object = json_pack("{s:o}", "source", json_output_string(source->name));
    if (source->is_server) {
        json_object_set_new(object, "host", json_string(source->endpoint.host));
        json_object_set_new(object, "port", json_integer(strtol(source->endpoint.port, NULL, 10)));
    }
    if (error)
        json_object_set_new(object, "error", json_output_string(error));
    return object;
}

/* One certificate of a source; NULL: no memory. */
static json_t *certificate_json(const struct pin_source *source, int position, bool *good)
{
    X509 *certificate = sk_X509_value(source->served.chain, position);
    char text[PIN_TEXT_SIZE], *subject = certificate_subject(certificate);
    struct pin pin;
    const bool digested = certificate_pin(certificate, &pin);
    const char *error = !digested           ? no_key
                        : !verified(source) ? X509_verify_cert_error_string(source->served.verified)
                                            : NULL;
    json_t *object = source_json(source, error), *whether = json_null();
    if (digested)
        pin_format(&pin, text);
    if (source->is_server)
        whether = json_boolean(verified(source));
    if (json_object_update_new(object,
                               json_pack("{s:i, s:s, s:s?, s:o}", "position", position, "subject", subject,
                                         "pin", digested ? text : NULL, "verified", whether)) != 0) {
        json_decref(object);
        object = NULL;
    }
    free(subject);
    *good &= !error;
    return object;
}

/* False: no memory. *good: as the exit status is. */
static bool add_json(json_t *array, const char *name, const char *roots, bool *good)
{
    struct pin_source source;
    *good &= pin_source_read(&source, name, roots);
    bool added = true;
    for (int i = 0; added && i < sk_X509_num(source.served.chain); i++)
        added = json_array_append_new(array, certificate_json(&source, i, good)) == 0;
    if (added && source.error[0])
        added = json_array_append_new(array, source_json(&source, source.error)) == 0;
    pin_source_free(&source);
    return added;
}

static bool print_json(char *const *names, const char *roots)
{
    json_t *array = json_array();
    bool good = true;
    for (; array && *names; names++)
        if (!add_json(array, *names, roots, &good)) {
            json_decref(array);
            array = NULL;
        }
    return json_output_document(array) && good;
}

/* The servers that answered, and whose chain verified: an entry each. */
static bool print_entries(char *const *names, int count, const char *roots)
{
    struct pin_source *sources = calloc((size_t)count, sizeof *sources);
    bool good = sources != NULL;
    if (!sources)
        report_error("out of memory");
    for (int i = 0; sources && i < count; i++) {
        struct pin_source *source = &sources[i];
        good &= pin_source_read(source, names[i], roots);
        if (source->error[0])
            report_error("%s: %s", names[i], source->error);
        else if (!verified(source))
            report_error("%s: no entry, for its chain does not verify: %s", names[i],
                         X509_verify_cert_error_string(source->served.verified));
        good &= verified(source);
    }
    good = sources && pin_entries_print(sources, (size_t)count) && good;
    for (int i = 0; sources && i < count; i++)
        pin_source_free(&sources[i]);
    free(sources);
    return good;
}

/* False, reported: the command line makes no sense. */
static bool check_usage(const struct pin_options *pin, char *const *names)
{
    if (!*names)
        report_error("a certificate or a host is missing; see pinshim pin --help");
    else if (pin->policy && pin->json)
        report_error("--policy or --json, not both: entries are no JSON");
    else if (!pin->policy)
        return true;
    else {
        while (*names && !pin_source_is_file(*names))
            names++;
        if (*names)
            report_error("%s: a file has no host's name, so --policy can't make an entry of it", *names);
        return !*names;
    }
    return false;
}

/* False: return *status. */
static bool read_options(int argc, char **argv, struct pin_options *pin, int *status)
{
    static const struct option longs[] = {
        {"cafile", required_argument, NULL, 'C'},
        {"policy", no_argument, NULL, 'p'},
        {"json", no_argument, NULL, 'j'},
        OPTIONS_COMMON,
    };
    const struct options options = {help, "C:pjhV", longs, STATUS_USAGE};
    while (true) {
        switch (options_next(argc, argv, &options, status)) {
        case 'C':
            pin->roots = optarg;
            break;
        case 'p':
            pin->policy = true;
            break;
        case 'j':
            pin->json = true;
            break;
        case OPTIONS_END:
            *status = STATUS_USAGE;
            return check_usage(pin, argv + optind);
        default:
            return false;
        }
    }
}

int pin_main(int argc, char **argv)
{
    struct pin_options pin = {0};
    int status;
    if (!read_options(argc, argv, &pin, &status))
        return status;
    char *const *names = argv + optind;
    signal(SIGPIPE, SIG_IGN); /* a server that leaves early is an error message */
    if (pin.policy)
        return print_entries(names, argc - optind, pin.roots) ? STATUS_OK : STATUS_ERROR;
    if (pin.json)
        return print_json(names, pin.roots) ? STATUS_OK : STATUS_ERROR;
    status = STATUS_OK;
    for (; *names; names++)
        if (!print_table(*names, pin.roots))
            status = STATUS_ERROR;
    return status;
}
