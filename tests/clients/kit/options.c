#include "tests/clients/kit/kit.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an option's value is. */
enum kind { FLAG, TEXT, NUMBER, WORD };

static const char *const resumes[] = {"none", "memory", "imported", "dup", "copy", "bio-copy", NULL};
static const char *const infos[] = {"none", "context", "early", "late", NULL};
static const char *const forks[] = {"none", "before", "between", NULL};
static const char *const moments[] = {"before", "start", "loop", "message", "wait", NULL};
static const char *const places[] = {"ssl", "store", "verification", NULL};
static const char *const versions[] = {"1.2", "1.3", "dtls1.2", NULL};

#define AT(member) offsetof(struct options, member)

static const struct {
    const char *name;
    enum kind kind;
    size_t place;             /* of a char pointer, an int, or a bool */
    const char *const *words; /* whose index it is */
} table[] = {
    {"port", NUMBER, AT(port), NULL},
    {"then-port", NUMBER, AT(then_port), NULL},
    {"count", NUMBER, AT(count), NULL},
    {"threads", NUMBER, AT(threads), NULL},
    {"sni", TEXT, AT(sni), NULL},
    {"then-sni", TEXT, AT(then_sni), NULL},
    {"verify-name", TEXT, AT(verify_name), NULL},
    {"then-verify-name", TEXT, AT(then_verify_name), NULL},
    {"first-name", TEXT, AT(first_name), NULL},
    {"check-after", TEXT, AT(check_after), NULL},
    {"ca", TEXT, AT(ca), NULL},
    {"secret", TEXT, AT(secret), NULL},
    {"then-secret", TEXT, AT(then_secret), NULL},
    {"ciphers", TEXT, AT(ciphers), NULL},
    {"psk", TEXT, AT(psk), NULL},
    {"pac", TEXT, AT(pac), NULL},
    {"srp", TEXT, AT(srp), NULL},
    {"tlsa", TEXT, AT(tlsa), NULL},
    {"session-in", TEXT, AT(session_in), NULL},
    {"session-out", TEXT, AT(session_out), NULL},
    {"verify", TEXT, AT(verify), NULL},
    {"drive", TEXT, AT(drive), NULL},
    {"tls", WORD, AT(tls), versions},
    {"resume", WORD, AT(resume), resumes},
    {"info", WORD, AT(info), infos},
    {"fork", WORD, AT(forking), forks},
    {"late-names", WORD, AT(late_names), moments},
    {"late-session", WORD, AT(late_session), moments},
    {"late-psk", WORD, AT(late_psk), moments},
    {"place", WORD, AT(place), places},
    {"nonblocking", FLAG, AT(nonblocking), NULL},
    {"ignore-errors", FLAG, AT(ignore_errors), NULL},
    {"attach-again", FLAG, AT(attach_again), NULL},
    {"anonymous", FLAG, AT(anonymous), NULL},
    {"dup", FLAG, AT(dup), NULL},
    {"clear", FLAG, AT(clear), NULL},
    {"swap-context", FLAG, AT(swap_context), NULL},
    {"first-again", FLAG, AT(first_again), NULL},
    {"contexts", FLAG, AT(contexts), NULL},
    {"renegotiate", FLAG, AT(renegotiate), NULL},
    {"update-keys", FLAG, AT(update_keys), NULL},
    {"psk-session", FLAG, AT(psk_session), NULL},
    {"own-security", FLAG, AT(own_security), NULL},
    {"read-ahead", FLAG, AT(read_ahead), NULL},
    {"async", FLAG, AT(async), NULL},
    {"close-stderr", FLAG, AT(close_stderr), NULL},
    {"until-eof", FLAG, AT(until_eof), NULL},
};

enum { OPTIONS = sizeof table / sizeof table[0] };

static void fail(const char *what, const char *value)
{
    fprintf(stderr, "kit: bad %s: %s\n", what, value);
    exit(2);
}

/* The index of `word` in a list that ends with NULL. */
static int word_index(const char *option, const char *word, const char *const *words)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], word) == 0)
            return i;
    fail(option, word);
    return 0;
}

static void set(struct options *options, int option, const char *value)
{
    void *place = (char *)options + table[option].place;
    switch (table[option].kind) {
    case FLAG:
        *(bool *)place = true;
        break;
    case TEXT:
        *(const char **)place = value;
        break;
    case NUMBER:
        *(int *)place = atoi(value);
        break;
    case WORD:
        *(int *)place = word_index(table[option].name, value, table[option].words);
        break;
    }
}

void options_parse(int argc, char **argv, struct options *options)
{
    static const int numbers[] = {TLS1_2_VERSION, TLS1_3_VERSION, DTLS1_2_VERSION};
    struct option longs[OPTIONS + 1] = {{0}};
    for (int i = 0; i < OPTIONS; i++)
        longs[i] = (struct option){table[i].name, table[i].kind != FLAG, NULL, i + 1};
    *options =
        (struct options){.secret = "secret", .verify = "peer", .drive = "connect", .tls = 1, .count = 1};
    for (int option; (option = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (option == '?')
            exit(2);
        set(options, option - 1, optarg);
    }
    options->tls = numbers[options->tls];
    if (optind != argc)
        fail("argument", argv[optind]);
    if (!drive_known(options->drive))
        fail("--drive", options->drive);
    if (options->port <= 0)
        fail("--port", "missing");
}
