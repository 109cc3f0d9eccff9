#include "tests/clients/nss/nss.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { FLAG, TEXT, NUMBER, WORD };

static const char *const versions[] = {"1.2", "1.3", "dtls1.2", NULL};
static const char *const moments[] = {"before", "wait", "after", NULL};
static const char *const forks[] = {"none", "before", NULL};

#define AT(member) offsetof(struct options, member)

static const struct {
    const char *name;
    enum kind kind;
    size_t place;             /* of a char pointer, an int, or a bool */
    const char *const *words; /* whose index it is */
} table[] = {
    {"port", NUMBER, AT(port), NULL},
    {"count", NUMBER, AT(count), NULL},
    {"threads", NUMBER, AT(threads), NULL},
    {"sni", TEXT, AT(sni), NULL},
    {"then-sni", TEXT, AT(then_sni), NULL},
    {"verify-name", TEXT, AT(verify_name), NULL},
    {"then-verify-name", TEXT, AT(then_verify_name), NULL},
    {"first-name", TEXT, AT(first_name), NULL},
    {"ca", TEXT, AT(ca), NULL},
    {"secret", TEXT, AT(secret), NULL},
    {"then-secret", TEXT, AT(then_secret), NULL},
    {"psk", TEXT, AT(psk), NULL},
    {"verify", TEXT, AT(verify), NULL},
    {"drive", TEXT, AT(drive), NULL},
    {"tls", WORD, AT(tls), versions},
    {"late-names", WORD, AT(late_names), moments},
    {"fork", WORD, AT(forking), forks},
    {"nonblocking", FLAG, AT(nonblocking), NULL},
    {"model", FLAG, AT(model), NULL},
    {"reconfigure", FLAG, AT(reconfigure), NULL},
    {"layer", FLAG, AT(layer), NULL},
    {"reset", FLAG, AT(reset), NULL},
    {"token", FLAG, AT(token), NULL},
    {"cache", FLAG, AT(cache), NULL},
    {"early", FLAG, AT(early), NULL},
    {"ignore-errors", FLAG, AT(ignore_errors), NULL},
    {"renegotiate", FLAG, AT(renegotiate), NULL},
    {"override-late", FLAG, AT(override_late), NULL},
    {"false-start", FLAG, AT(false_start), NULL},
    {"by-dlsym", FLAG, AT(by_dlsym), NULL},
    {"heap", FLAG, AT(heap), NULL},
    {"hold", FLAG, AT(hold), NULL},
};

enum { OPTIONS = sizeof table / sizeof table[0] };

static void fail(const char *what, const char *value)
{
    fprintf(stderr, "nss: bad %s: %s\n", what, value);
    exit(2);
}

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
    struct option longs[OPTIONS + 1] = {{0}};
    for (int i = 0; i < OPTIONS; i++)
        longs[i] = (struct option){table[i].name, table[i].kind != FLAG, NULL, i + 1};
    *options =
        (struct options){.secret = "secret", .verify = "library", .drive = "force", .tls = 1, .count = 1};
    for (int option; (option = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (option == '?')
            exit(2);
        set(options, option - 1, optarg);
    }
    if (optind != argc)
        fail("argument", argv[optind]);
    if (!drive_known(options->drive))
        fail("--drive", options->drive);
    if (options->port <= 0)
        fail("--port", "missing");
}
