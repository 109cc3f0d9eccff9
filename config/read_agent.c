#include "config/read.h"

#include <stdlib.h>
#include <string.h>

#define KEY_PREFIX "ed25519//"

static const struct key agent_keys[] = {
    {"url", KEY_STRING, true}, {"public_key", KEY_ONE_OR_MORE, true}, {"interval", KEY_STRING, false}};

/* "90s", "30m", "1h", "7d"; 0 where it is none, or not between ten seconds and thirty days. */
static unsigned read_interval(const char *text)
{
    static const struct {
        char unit;
        unsigned seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 60 * 60}, {'d', 24 * 60 * 60}};
    const size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 7 || strlen(text) != digits + 1)
        return 0;
    const unsigned long count = strtoul(text, NULL, 10);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        const unsigned long seconds = count * units[i].seconds;
        if (units[i].unit == text[digits] && seconds >= AGENT_INTERVAL_LEAST &&
            seconds <= AGENT_INTERVAL_MOST)
            return (unsigned)seconds;
    }
    return 0;
}

static bool is_key(const char *text)
{
    uint8_t bytes[PIN_SIZE];
    const size_t prefix = sizeof KEY_PREFIX - 1;
    return strncmp(text, KEY_PREFIX, prefix) == 0 && strlen(text) == prefix + PIN_BASE64_LENGTH &&
           pin_decode(text + prefix, bytes);
}

bool is_https_url(const char *text)
{
    static const char scheme[] = "https://";
    const size_t length = sizeof scheme - 1;
    if (strncmp(text, scheme, length) != 0 || !text[length] || text[length] == '/')
        return false;
    for (; *text; text++)
        if (*text <= ' ' || *text > '~')
            return false;
    return true;
}

/* A string, or a list of them, as a list; the caller's to free. */
static char **copy_keys(const config_setting_t *setting)
{
    if (config_setting_type(setting) != CONFIG_TYPE_STRING)
        return settings_copy_strings(setting);
    char **keys = calloc(2, sizeof *keys);
    if (keys && !(keys[0] = strdup(config_setting_get_string(setting)))) {
        free((void *)keys);
        return NULL;
    }
    return keys;
}

static void check_keys(const struct file *file, const config_setting_t *setting, char *const *keys)
{
    if (!keys[0])
        settings_warning(file, setting, "there is none: no bundle would be accepted");
    for (; *keys; keys++)
        if (!is_key(*keys))
            settings_warning(file, setting,
                             "\"%s\" is no key: expected ed25519//BASE64, as pinshim bundle key prints it",
                             *keys);
}

void read_agent(struct policy_text *policy, const struct file *file, const config_setting_t *group)
{
    struct agent_policy *agent = &policy->agent;
    settings_check(file, group, KEYS(agent_keys));
    const char *url = settings_string(group, "url"), *interval = settings_string(group, "interval");
    const config_setting_t *keys = settings_is(group, "public_key", KEY_ONE_OR_MORE)
                                       ? config_setting_get_member(group, "public_key")
                                       : NULL;
    if (!url || !keys)
        return; /* told */
    agent->url = strdup(url);
    agent->public_keys = copy_keys(keys);
    agent->interval = interval ? read_interval(interval) : AGENT_INTERVAL;
    if (!agent->url || !agent->public_keys) {
        settings_error(file, group, "out of memory");
        return;
    }
    check_keys(file, keys, agent->public_keys);
    if (!is_https_url(url))
        settings_warning(file, config_setting_get_member(group, "url"), "\"%s\" is no https:// URL", url);
    if (!agent->interval) {
        settings_warning(file, config_setting_get_member(group, "interval"),
                         "\"%s\" is no interval between 10s and 30d, as \"1h\": an hour is taken", interval);
        agent->interval = AGENT_INTERVAL;
    }
}

void agent_policy_free(struct agent_policy *agent)
{
    free(agent->url);
    settings_free_strings(agent->public_keys);
    *agent = (struct agent_policy){0};
}
