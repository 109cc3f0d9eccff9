#include "tests/clients/nss/nss.h"

#include "tests/clients/arguments/arguments.h"

static const char *const versions[] = {"1.2", "1.3", "dtls1.2", NULL};
static const char *const moments[] = {"before", "wait", "after", NULL};
static const char *const forks[] = {"none", "before", NULL};

static const struct argument table[] = {
    NUMBER("port", port),
    NUMBER("count", count),
    NUMBER("threads", threads),
    TEXT("sni", sni),
    TEXT("then-sni", then_sni),
    TEXT("verify-name", verify_name),
    TEXT("then-verify-name", then_verify_name),
    TEXT("first-name", first_name),
    TEXT("ca", ca),
    TEXT("secret", secret),
    TEXT("then-secret", then_secret),
    TEXT("psk", psk),
    TEXT("verify", verify),
    TEXT("drive", drive),
    WORD("tls", tls, versions),
    WORD("late-names", late_names, moments),
    WORD("fork", forking, forks),
    FLAG("nonblocking", nonblocking),
    FLAG("model", model),
    FLAG("reconfigure", reconfigure),
    FLAG("layer", layer),
    FLAG("reset", reset),
    FLAG("server-option", server_option),
    FLAG("token", token),
    FLAG("cache", cache),
    FLAG("early", early),
    FLAG("ignore-errors", ignore_errors),
    FLAG("renegotiate", renegotiate),
    FLAG("override-late", override_late),
    FLAG("false-start", false_start),
    FLAG("by-dlsym", by_dlsym),
    FLAG("heap", heap),
    FLAG("hold", hold),
    {0},
};

void options_parse(int argc, char **argv, struct options *options)
{
    *options =
        (struct options){.secret = "secret", .verify = "library", .drive = "force", .tls = 1, .count = 1};
    arguments_parse(table, argc, argv, options);
    if (!drive_known(options->drive))
        arguments_fail("--drive", options->drive);
    if (options->port <= 0)
        arguments_fail("--port", "missing");
}
