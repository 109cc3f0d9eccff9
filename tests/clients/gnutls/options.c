#include "tests/clients/gnutls/kit.h"

#include "tests/clients/arguments/arguments.h"

static const char *const versions[] = {"1.2", "1.3", "dtls1.2", NULL};
static const char *const drives[] = {"descriptor", "functions", "false_start", "early_data", NULL};
static const char *const resumes[] = {"none", "memory", NULL};
static const char *const forks[] = {"none", "before", "between", NULL};
static const char *const moments[] = {"before", "hello", "wait", NULL};
static const char *const verifications[] = {"none",
                                            "cert",
                                            "cert2",
                                            "chain",
                                            "session",
                                            "session-accepts",
                                            "session-replaces",
                                            "session-connects",
                                            "session-fetches",
                                            "credentials",
                                            "credentials-accepts",
                                            "after",
                                            "after-apart",
                                            "jumps",
                                            "no-time",
                                            "lent-name",
                                            "lent-data",
                                            NULL};

static const struct argument table[] = {
    NUMBER("port", port),
    NUMBER("then-port", then_port),
    NUMBER("count", count),
    NUMBER("threads", threads),
    TEXT("sni", sni),
    TEXT("then-sni", then_sni),
    TEXT("verify-name", verify_name),
    TEXT("then-verify-name", then_verify_name),
    TEXT("first-name", first_name),
    TEXT("check-after", check_after),
    TEXT("ca", ca),
    TEXT("secret", secret),
    TEXT("then-secret", then_secret),
    TEXT("psk", psk),
    TEXT("srp", srp),
    TEXT("session-in", session_in),
    TEXT("session-out", session_out),
    TEXT("priority", priority),
    WORD("tls", tls, versions),
    WORD("drive", drive, drives),
    WORD("verify", verify, verifications),
    WORD("resume", resume, resumes),
    WORD("fork", forking, forks),
    WORD("late-names", late_names, moments),
    FLAG("nonblocking", nonblocking),
    FLAG("ignore-errors", ignore_errors),
    FLAG("attach-again", attach_again),
    FLAG("anonymous", anonymous),
    FLAG("renegotiate", renegotiate),
    FLAG("update-keys", update_keys),
    FLAG("offer-first", offer_first),
    FLAG("no-credentials", no_credentials),
    FLAG("raw-keys", raw_keys),
    FLAG("unseen-birth", unseen_birth),
    {0},
};

void options_parse(int argc, char **argv, struct options *options)
{
    *options = (struct options){.secret = "secret", .verify = VERIFY_CERT, .tls = TLS_1_3, .count = 1};
    arguments_parse(table, argc, argv, options);
    if (options->port <= 0)
        arguments_fail("--port", "missing");
}
