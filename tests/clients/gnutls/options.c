#include "tests/clients/gnutls/kit.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { FLAG, TEXT, NUMBER, WORD };

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
                                            "credentials",
                                            "credentials-accepts",
                                            "after",
                                            "after-apart",
                                            "no-time",
                                            NULL};

#define AT(member) offsetof(struct options, member)

static const struct {
    const char *name;
    enum kind kind;
    size_t place;
    const char *const *words;
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
    {"psk", TEXT, AT(psk), NULL},
    {"srp", TEXT, AT(srp), NULL},
    {"session-in", TEXT, AT(session_in), NULL},
    {"session-out", TEXT, AT(session_out), NULL},
    {"priority", TEXT, AT(priority), NULL},
    {"tls", WORD, AT(tls), versions},
    {"drive", WORD, AT(drive), drives},
    {"verify", WORD, AT(verify), verifications},
    {"resume", WORD, AT(resume), resumes},
    {"fork", WORD, AT(forking), forks},
    {"late-names", WORD, AT(late_names), moments},
    {"nonblocking", FLAG, AT(nonblocking), NULL},
    {"ignore-errors", FLAG, AT(ignore_errors), NULL},
    {"attach-again", FLAG, AT(attach_again), NULL},
    {"anonymous", FLAG, AT(anonymous), NULL},
    {"renegotiate", FLAG, AT(renegotiate), NULL},
    {"update-keys", FLAG, AT(update_keys), NULL},
    {"offer-first", FLAG, AT(offer_first), NULL},
    {"no-credentials", FLAG, AT(no_credentials), NULL},
    {"raw-keys", FLAG, AT(raw_keys), NULL},
    {"unseen-birth", FLAG, AT(unseen_birth), NULL},
};

enum { OPTIONS = sizeof table / sizeof table[0] };

static void fail(const char *what, const char *value)
{
    fprintf(stderr, "gnutls: bad %s: %s\n", what, value);
    exit(2);
}

static int word_of(const char *const *words, const char *what, const char *value)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], value) == 0)
            return i;
    fail(what, value);
    return -1;
}

static void set(struct options *options, int index, const char *value)
{
    char *place = (char *)options + table[index].place;
    switch (table[index].kind) {
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
        *(int *)place = word_of(table[index].words, table[index].name, value);
        break;
    }
}

void options_parse(int argc, char **argv, struct options *options)
{
    struct option longs[OPTIONS + 1] = {{0}};
    for (int i = 0; i < OPTIONS; i++)
        longs[i] = (struct option){table[i].name, table[i].kind != FLAG, NULL, i + 1};
    *options = (struct options){.secret = "secret", .verify = VERIFY_CERT, .tls = TLS_1_3, .count = 1};
    for (int option; (option = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (option == '?')
            exit(2);
        set(options, option - 1, optarg);
    }
    if (optind != argc)
        fail("argument", argv[optind]);
    if (options->port <= 0)
        fail("--port", "missing");
}
