/* pinshim explain: why a host is pinned or not, and what the server there would be told. */
#include "shim/personas.h"
#include "tools/certificate_text.h"
#include "tools/command.h"
#include "tools/endpoint.h"
#include "tools/explanation.h"
#include "tools/json_output.h"
#include "tools/live_verdict.h"
#include "tools/options.h"
#include "tools/policy_image.h"
#include "tools/report.h"
#include "tools/served.h"

#include <signal.h>
#include <stdlib.h>

static const char help[] = "usage: pinshim explain [OPTION...] HOST[:PORT]\n"
                           "\n"
                           "Tells which entry of the policy decides about HOST and where it stands, which\n"
                           "personas apply and why, and what a server must show.\n"
                           "\n"
                           "  -c, --config FILE  the policy, text or image; else PINSHIM_CONFIG, else the\n"
                           "                     installed policy\n"
                           "  -u, --user USER    for a program of this user, by the groups of a login; else\n"
                           "                     for this process's groups\n"
                           "      --connect      ask the server, by default at port 443: the verdict, and\n"
                           "                     the pins of its chain\n"
                           "  -j, --json         one JSON document\n"
                           "  -h, --help         this text\n"
                           "  -V, --version      the version\n"
                           "\n"
                           "Exit status: 0 explained; 1 errors, with --connect also no answer, or a server\n"
                           "that a program would refuse; 2 usage.\n";

enum { CONNECT = 256 /* behind the letters */ };

struct explain_options {
    const char *config, *user;
    bool connect, json;
};

/* False: return *status. */
static bool read_options(int argc, char **argv, struct explain_options *explain, int *status)
{
    static const struct option longs[] = {
        {"config", required_argument, NULL, 'c'},
        {"user", required_argument, NULL, 'u'},
        {"connect", no_argument, NULL, CONNECT},
        {"json", no_argument, NULL, 'j'},
        OPTIONS_COMMON,
    };
    const struct options options = {help, "c:u:jhV", longs, STATUS_USAGE};
    while (true) {
        switch (options_next(argc, argv, &options, status)) {
        case 'c':
            explain->config = optarg;
            break;
        case 'u':
            explain->user = optarg;
            break;
        case CONNECT:
            explain->connect = true;
            break;
        case 'j':
            explain->json = true;
            break;
        case OPTIONS_END:
            *status = STATUS_USAGE;
            if (argc - optind != 1)
                report_error("one HOST at a time; see pinshim explain --help");
            return argc - optind == 1;
        default:
            return false;
        }
    }
}

/* Certificates as pins and subjects, those marked that the rule pins. */
static json_t *certificates(const STACK_OF(X509) * chain, const struct trial *trial)
{
    json_t *list = json_array();
    for (int i = 0; i < sk_X509_num(chain); i++) {
        X509 *certificate = sk_X509_value(chain, i);
        char *subject = certificate_subject(certificate), text[PIN_TEXT_SIZE];
        struct pin pin;
        if (certificate_pin(certificate, &pin)) {
            pin_format(&pin, text);
            json_array_append_new(list, json_pack("{s:s s:o s:b}", "pin", text, "subject",
                                                  json_output_string(subject), "pinned",
                                                  trial->covered && rule_holds_pin(&trial->rule, &pin)));
        }
        free(subject);
    }
    return list;
}

/* A path to roots that the system hasn't got: the shim keeps its pins alone. */
static json_t *verified_pins(const struct trial *trial)
{
    json_t *list = json_array();
    for (size_t i = 0; i < trial->verified.count; i++) {
        const struct pin *pin = &trial->verified.pins[i];
        char text[PIN_TEXT_SIZE];
        pin_format(pin, text);
        json_array_append_new(list, json_pack("{s:s s:b}", "pin", text, "pinned",
                                              trial->covered && rule_holds_pin(&trial->rule, pin)));
    }
    return list;
}

static const char *outcome(const struct policy *policy, enum verdict verdict)
{
    if (!verdict_is_violation(verdict))
        return "a program would connect";
    return policy->report ? "a program would connect, and it would be reported"
                          : "a program would be kept from it";
}

/* The member "connection"; *accepted: a program would reach this server. */
static json_t *connect_to(const struct endpoint *endpoint, const struct policy *policy, bool *accepted)
{
    struct served served;
    struct trial trial;
    char error[SERVED_ERROR_SIZE];
    *accepted = false;
    if (!served_fetch(endpoint, NULL, &served, error))
        return json_pack("{s:s s:o}", "port", endpoint->port, "error", json_output_string(error));
    const enum verdict verdict = live_verdict(policy, endpoint->host, served.ssl, &trial);
    *accepted = policy->report || !verdict_is_violation(verdict);
    json_t *connection = json_pack(
        "{s:s s:s s:b s:s s:o s:o s:s}", "port", endpoint->port, "verdict", verdict_name(verdict), "accepted",
        *accepted, "outcome", outcome(policy, verdict), "served_chain", certificates(served.chain, &trial),
        "verified_chain", served.path ? certificates(served.path, &trial) : verified_pins(&trial),
        "system_roots", X509_verify_cert_error_string(served.verified));
    served_free(&served);
    return connection;
}

static int explain_host(const struct explain_options *options, const struct endpoint *endpoint,
                        const char *path, const struct policy *policy, const struct user_groups *groups)
{
    const struct explained explained = {
        .policy = policy, .path = path, .host = endpoint->host, .groups = groups};
    bool accepted = true;
    json_t *explanation = explanation_new(&explained);
    if (!explanation)
        return STATUS_ERROR;
    if (options->connect)
        json_object_set_new(explanation, "connection", connect_to(endpoint, policy, &accepted));
    bool printed = true;
    if (options->json) {
        printed = json_output_document(explanation);
    } else {
        explanation_print(explanation);
        json_decref(explanation);
    }
    return printed && accepted ? STATUS_OK : STATUS_ERROR;
}

int explain_main(int argc, char **argv)
{
    struct explain_options options = {0};
    struct endpoint endpoint;
    struct policy_image opened;
    struct user_groups groups;
    int status;
    if (!read_options(argc, argv, &options, &status))
        return status;
    if (!endpoint_parse(argv[optind], &endpoint)) {
        report_error("%s: not HOST[:PORT]", argv[optind]);
        return STATUS_USAGE;
    }
    if (!policy_image_open(options.config, &opened))
        return STATUS_ERROR;
    signal(SIGPIPE, SIG_IGN); /* a server that leaves early is an error message */
    struct policy policy = {.image = opened.image, .mapped = true};
    policy.report = opened.report || opened.image.header.action == ACTION_REPORT;
    status = STATUS_ERROR;
    if (user_groups_read(options.user, &groups)) {
        if (personas_apply_to(&policy.image, groups.ids, groups.count, &policy.applied))
            status = explain_host(&options, &endpoint, opened.path, &policy, &groups);
        else
            report_error("%s: the image %s", opened.path, image_status_text(IMAGE_DAMAGED));
    }
    user_groups_free(&groups);
    image_close(&opened.image);
    return status;
}
