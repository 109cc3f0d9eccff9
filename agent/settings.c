#include "agent/settings.h"

#include "agent/paths.h"
#include "bundle/next_agent.h"
#include "config/compile.h"
#include "tools/report.h"

#include <string.h>

static bool fail(const char *whose, const char *why)
{
    report_error("%s: %s", whose, why);
    return false;
}

bool settings_take(struct settings *settings, const struct agent_policy *agent, const char *whose)
{
    struct settings taken = {.interval = agent->interval};
    const char *fault = next_agent_fault(agent);
    if (fault)
        return fail(whose, fault);
    if (!agent->url)
        return fail(whose, "it has no agent = { ... }: there is nothing to do");
    if (strlen(agent->url) >= URL_SIZE)
        return fail(whose, "agent.url is too long");
    for (; agent->public_keys[taken.key_count]; taken.key_count++) {
        const char *text = agent->public_keys[taken.key_count];
        if (taken.key_count == SETTINGS_KEYS ||
            !bundle_key_read(text, strlen(text), &taken.keys[taken.key_count]))
            return fail(whose, "agent.public_key holds too many keys");
    }
    memcpy(taken.url, agent->url, strlen(agent->url));
    *settings = taken;
    return true;
}

bool settings_read_local(struct settings *settings)
{
    struct agent_policy agent = {0};
    struct diagnostics diagnostics = {0};
    const struct compilation compilation = {.path = AGENT_LOCAL_POLICY,
                                            .use = POLICY_TO_RECEIVE,
                                            .image_fd = -1,
                                            .files_fd = -1,
                                            .agent = &agent};
    const bool valid = policy_compile(&compilation, &diagnostics);
    if (!valid)
        report_diagnostics(&diagnostics);
    diagnostics_free(&diagnostics);
    const bool taken = valid && settings_take(settings, &agent, AGENT_LOCAL_POLICY);
    agent_policy_free(&agent);
    return taken;
}
