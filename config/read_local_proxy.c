/* `local_proxy`: a proxy that the administrator configured on this machine, and whose root they added to it.
 * Source: the note's macOS section. */
#include "config/local_roots.h"
#include "config/read.h"

#include <stdlib.h>
#include <string.h>

static const struct key local_proxy_keys[] = {
    {"trust", KEY_STRING, false}, {"roots", KEY_STRINGS, false}, {"proxy", KEY_STRING, false}};

/* SCHEME://HOST..., as curl takes it. */
static bool is_url(const char *text)
{
    const char *colon = strstr(text, "://");
    return colon && colon > text && colon[3] && !strpbrk(text, " \t\"'");
}

static enum local_proxy read_proxy(const struct file *file, const config_setting_t *group)
{
    const char *proxy = settings_string(group, "proxy");
    if (!proxy || strcmp(proxy, "auto") == 0)
        return LOCAL_PROXY_AUTO;
    if (!is_url(proxy))
        settings_error(file, config_setting_get_member(group, "proxy"),
                       "\"%s\" is neither \"auto\" nor a URL: expected http://HOST:PORT", proxy);
    return LOCAL_PROXY_NAMED;
}

/* By the command, when it makes an image: asking for them may bring a framework along, which a process that
 * obeys a text mustn't be given. */
static void read_kept_roots(struct policy_text *policy, const struct file *file,
                            const config_setting_t *setting)
{
    if (policy->use != POLICY_TO_OBEY && !local_roots_read(&policy->local_roots))
        settings_error(file, setting, "the system's explicitly trusted roots can't be read");
}

static void read_listed_roots(struct policy_text *policy, const struct file *file,
                              const config_setting_t *group)
{
    const config_setting_t *list = settings_strings(group, "roots");
    for (size_t i = 0; i < settings_length(list); i++) {
        const config_setting_t *setting = config_setting_get_elem(list, (unsigned)i);
        char *path = read_path(file, settings_string_at(list, i));
        if (path)
            read_roots(&policy->local_roots, file, setting, path);
        else
            settings_error(file, setting, "out of memory");
        free(path);
    }
    if (!list && local_roots_folder && file_stamp(local_roots_folder) != 0)
        read_roots(&policy->local_roots, file, group, local_roots_folder);
    read_kept_roots(policy, file, group);
    if (policy->local_roots.count == 0)
        settings_advice(file, group, "there is no root certificate in \"roots\": no proxy is trusted");
}

void read_local_proxy(struct policy_text *policy, const struct file *file, const config_setting_t *group)
{
    static const char *const trusts[] = {"never", "when-configured", NULL};
    settings_check(file, group, KEYS(local_proxy_keys));
    const enum local_proxy proxy = read_proxy(file, group);
    if (settings_word(file, group, "trust", trusts, local_roots_trusted) != 1)
        return;
    policy->local_proxy = proxy;
    read_listed_roots(policy, file, group);
}

void read_local_proxy_default(struct policy_text *policy, const struct file *file,
                              const config_setting_t *root)
{
    if (!local_roots_trusted)
        return;
    policy->local_proxy = LOCAL_PROXY_AUTO;
    read_kept_roots(policy, file, root);
}
