#include "tests/clients/kit/kit.h"

#include "tests/clients/arguments/arguments.h"

static const char *const resumes[] = {"none", "memory", "imported", "dup", "copy", "bio-copy", NULL};
static const char *const infos[] = {"none", "context", "early", "late", NULL};
static const char *const forks[] = {"none", "before", "between", NULL};
static const char *const moments[] = {"before", "start", "loop", "message", "wait", NULL};
static const char *const places[] = {"ssl", "store", "verification", "last-in-verification", NULL};
static const char *const versions[] = {"1.2", "1.3", "dtls1.2", NULL};

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
    TEXT("certificate", certificate),
    TEXT("key", key),
    TEXT("secret", secret),
    TEXT("then-secret", then_secret),
    TEXT("ciphers", ciphers),
    TEXT("psk", psk),
    TEXT("pac", pac),
    TEXT("srp", srp),
    TEXT("tlsa", tlsa),
    TEXT("session-in", session_in),
    TEXT("session-out", session_out),
    TEXT("verify", verify),
    TEXT("drive", drive),
    WORD("tls", tls, versions),
    WORD("resume", resume, resumes),
    WORD("info", info, infos),
    WORD("fork", forking, forks),
    WORD("late-names", late_names, moments),
    WORD("late-session", late_session, moments),
    WORD("late-psk", late_psk, moments),
    WORD("place", place, places),
    FLAG("nonblocking", nonblocking),
    FLAG("ignore-errors", ignore_errors),
    FLAG("attach-again", attach_again),
    FLAG("anonymous", anonymous),
    FLAG("dup", dup),
    FLAG("clear", clear),
    FLAG("swap-context", swap_context),
    FLAG("first-again", first_again),
    FLAG("contexts", contexts),
    FLAG("library-context", library_context),
    FLAG("renegotiate", renegotiate),
    FLAG("update-keys", update_keys),
    FLAG("psk-session", psk_session),
    FLAG("own-security", own_security),
    FLAG("read-ahead", read_ahead),
    FLAG("async", async),
    FLAG("close-stderr", close_stderr),
    FLAG("until-eof", until_eof),
    {0},
};

void options_parse(int argc, char **argv, struct options *options)
{
    static const int numbers[] = {TLS1_2_VERSION, TLS1_3_VERSION, DTLS1_2_VERSION};
    *options =
        (struct options){.secret = "secret", .verify = "peer", .drive = "connect", .tls = 1, .count = 1};
    arguments_parse(table, argc, argv, options);
    options->tls = numbers[options->tls];
    if (!drive_known(options->drive))
        arguments_fail("--drive", options->drive);
    if (options->port <= 0)
        arguments_fail("--port", "missing");
}
