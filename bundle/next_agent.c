#include "bundle/next_agent.h"

#include "bundle/key.h"

#include <string.h>

const char *next_agent_fault(const struct agent_policy *agent)
{
    struct bundle_key key;
    if (!agent->url)
        return NULL;
    if (strncmp(agent->url, "https://", strlen("https://")) != 0)
        return "agent.url is no https:// URL: no device could fetch another bundle";
    if (!agent->public_keys || !agent->public_keys[0])
        return "agent.public_key is empty: no device would accept another bundle";
    for (char **text = agent->public_keys; *text; text++)
        if (!bundle_key_read(*text, strlen(*text), &key))
            return "agent.public_key holds what is no key";
    return NULL;
}
