#include "tests/clients/kit/kit.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PORT = 1,
    THEN_PORT,
    SNI,
    THEN_SNI,
    VERIFY_NAME,
    THEN_VERIFY_NAME,
    RENAME,
    CA,
    SECRET,
    CIPHERS,
    PSK,
    SESSION_IN,
    SESSION_OUT,
    VERIFY,
    DRIVE,
    TLS,
    COUNT,
    THREADS,
    RESUME,
    INFO,
    FORK,
    FLAG, /* sets its own variable */
};

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

static void set_text(struct options *options, int option, const char *value)
{
    const char **const places[] = {
        [SNI] = &options->sni,
        [THEN_SNI] = &options->then_sni,
        [VERIFY_NAME] = &options->verify_name,
        [THEN_VERIFY_NAME] = &options->then_verify_name,
        [RENAME] = &options->rename,
        [CA] = &options->ca,
        [SECRET] = &options->secret,
        [CIPHERS] = &options->ciphers,
        [PSK] = &options->psk,
        [SESSION_IN] = &options->session_in,
        [SESSION_OUT] = &options->session_out,
        [VERIFY] = &options->verify,
        [DRIVE] = &options->drive,
    };
    *places[option] = value;
}

static void set(struct options *options, int option, const char *value)
{
    static const char *const resumes[] = {"none", "memory", "imported", "dup", "copy", NULL};
    static const char *const infos[] = {"none", "context", "early", "late", NULL};
    static const char *const forks[] = {"none", "before", "between", NULL};
    static const char *const versions[] = {"1.2", "1.3", NULL};
    switch (option) {
    case PORT:
        options->port = atoi(value);
        break;
    case THEN_PORT:
        options->then_port = atoi(value);
        break;
    case TLS:
        options->tls = TLS1_2_VERSION + word_index("--tls", value, versions);
        break;
    case COUNT:
        options->count = atoi(value);
        break;
    case THREADS:
        options->threads = atoi(value);
        break;
    case RESUME:
        options->resume = (enum resume)word_index("--resume", value, resumes);
        break;
    case INFO:
        options->info = (enum info)word_index("--info", value, infos);
        break;
    case FORK:
        options->forking = (enum forking)word_index("--fork", value, forks);
        break;
    default:
        set_text(options, option, value);
    }
}

static void set_flag(struct options *options, const char *name)
{
    const struct {
        const char *name;
        bool *place;
    } flags[] = {
        {"nonblocking", &options->nonblocking},
        {"names-late", &options->names_late},
        {"dup", &options->dup},
        {"ignore-errors", &options->ignore_errors},
        {"clear", &options->clear},
        {"anonymous", &options->anonymous},
        {"renegotiate", &options->renegotiate},
        {"swap-context", &options->swap_context},
        {"close-stderr", &options->close_stderr},
        {"until-eof", &options->until_eof},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (strcmp(flags[i].name, name) == 0)
            *flags[i].place = true;
}

void options_parse(int argc, char **argv, struct options *options)
{
    static const struct option longs[] = {
        {"port", 1, NULL, PORT},
        {"then-port", 1, NULL, THEN_PORT},
        {"sni", 1, NULL, SNI},
        {"then-sni", 1, NULL, THEN_SNI},
        {"verify-name", 1, NULL, VERIFY_NAME},
        {"then-verify-name", 1, NULL, THEN_VERIFY_NAME},
        {"rename", 1, NULL, RENAME},
        {"ca", 1, NULL, CA},
        {"secret", 1, NULL, SECRET},
        {"ciphers", 1, NULL, CIPHERS},
        {"psk", 1, NULL, PSK},
        {"session-in", 1, NULL, SESSION_IN},
        {"session-out", 1, NULL, SESSION_OUT},
        {"verify", 1, NULL, VERIFY},
        {"drive", 1, NULL, DRIVE},
        {"tls", 1, NULL, TLS},
        {"count", 1, NULL, COUNT},
        {"threads", 1, NULL, THREADS},
        {"resume", 1, NULL, RESUME},
        {"info", 1, NULL, INFO},
        {"fork", 1, NULL, FORK},
        {"nonblocking", 0, NULL, FLAG},
        {"names-late", 0, NULL, FLAG},
        {"ignore-errors", 0, NULL, FLAG},
        {"anonymous", 0, NULL, FLAG},
        {"dup", 0, NULL, FLAG},
        {"clear", 0, NULL, FLAG},
        {"swap-context", 0, NULL, FLAG},
        {"renegotiate", 0, NULL, FLAG},
        {"close-stderr", 0, NULL, FLAG},
        {"until-eof", 0, NULL, FLAG},
        {NULL, 0, NULL, 0},
    };
    *options = (struct options){
        .secret = "secret", .verify = "peer", .drive = "connect", .tls = TLS1_3_VERSION, .count = 1};
    int index = 0;
    for (int option; (option = getopt_long(argc, argv, "", longs, &index)) != -1;) {
        if (option == '?')
            exit(2);
        if (option == FLAG)
            set_flag(options, longs[index].name);
        else
            set(options, option, optarg);
    }
    if (optind != argc)
        fail("argument", argv[optind]);
    if (!drive_known(options->drive))
        fail("--drive", options->drive);
    if (options->port <= 0)
        fail("--port", "missing");
}
