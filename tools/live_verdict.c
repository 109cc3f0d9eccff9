#include "tools/live_verdict.h"

#include "hooks/openssl/evidence.h"

/* The program asks for no verification of its own: the shim's must do. */
static unsigned no_port(void *peer)
{
    (void)peer;
    return 0;
}

static void no_names(void *peer, name_visitor *visit, void *argument)
{
    (void)peer, (void)visit, (void)argument;
}

enum verdict live_verdict(const struct policy *policy, const char *host, SSL *ssl, struct trial *trial)
{
    static const struct backend backend = {
        .library = "openssl",
        .served = peer_served,
        .program_path = peer_program_path,
        .own_path = peer_own_path,
        .leaf_names = no_names,
        .port = no_port,
    };
#define API(name) .name = (name),
    static struct openssl own = {.api = {
#include "hooks/openssl/api.def"
                                 }};
#undef API
    struct openssl_peer peer = {.lib = &own, .ssl = ssl};
    *trial = (struct trial){.policy = policy, .host = host, .backend = &backend, .peer = &peer};
    const enum verdict verdict = trial_judge(trial);
    trial->peer = NULL;
    return verdict;
}
