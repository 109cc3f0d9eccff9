#include "config/read.h"

#include <stdlib.h>
#include <string.h>

static const struct key root_keys[] = {
    {"version", KEY_INTEGER, true}, {"ssl_certificate_pinning", KEY_STRING, false},
    {"action", KEY_STRING, false},  {"allow_override", KEY_BOOL, false},
    {"device", KEY_GROUP, false},   {"domains", KEY_LIST, false},
    {"trust", KEY_GROUP, false},    {"local_proxy", KEY_GROUP, false},
    {"messages", KEY_LIST, false},  {"events", KEY_GROUP, false},
    {"agent", KEY_GROUP, false},
};
static const struct key part_keys[] = {{"domains", KEY_LIST, true}};
static const struct key device_keys[] = {{"id", KEY_STRING, false}, {"groups", KEY_STRINGS, false}};
static const struct key trust_keys[] = {{"ca_certificates", KEY_STRINGS, false}};
static const struct key events_keys[] = {{"file", KEY_STRING, false},
                                         {"syslog", KEY_BOOL, false},
                                         {"desktop", KEY_BOOL, false},
                                         {"report_url", KEY_STRING, false}};

static void read_version(const struct file *file, const config_setting_t *root)
{
    const config_setting_t *setting = config_setting_get_member(root, "version");
    if (!setting || config_setting_type(setting) != CONFIG_TYPE_INT)
        return;
    const int version = config_setting_get_int(setting);
    if (version > 1)
        settings_error(file, setting, "%d is from the future: this pinshim reads version 1", version);
    else if (version != 1)
        settings_error(file, setting, "%d is no version: expected 1", version);
}

static void read_device_groups(struct policy_text *policy, const struct file *file,
                               const config_setting_t *device)
{
    settings_check(file, device, KEYS(device_keys));
    if (policy->device_known)
        return;
    const config_setting_t *list = settings_strings(device, "groups");
    const char *id = settings_string(device, "id");
    policy->device_groups = settings_copy_strings(list);
    if (policy->device_groups)
        policy->device_group_count = settings_length(list);
    if (!policy->device_groups || (id && !(policy->device_id = strdup(id))))
        settings_error(file, device, "out of memory");
}

static void read_events(struct policy_text *policy, const struct file *file, const config_setting_t *events)
{
    settings_check(file, events, KEYS(events_keys));
    policy->no_syslog = !settings_bool(events, "syslog", true);
    policy->no_desktop = !settings_bool(events, "desktop", true);
    const char *path = settings_string(events, "file"), *url = settings_string(events, "report_url");
    if (path && path[0] != '/' && policy->bundled)
        settings_error(file, events, "the file must have an absolute path, in a bundle");
    if (url && !is_https_url(url)) {
        settings_warning(file, config_setting_get_member(events, "report_url"),
                         "\"%s\" is no https:// URL: nothing is reported", url);
        url = NULL;
    }
    if ((path && !(policy->events_file = read_path(file, path))) ||
        (url && !(policy->report_url = strdup(url))))
        settings_error(file, events, "out of memory");
}

void read_device_domains(struct policy_text *policy, const struct file *file, const config_setting_t *root)
{
    settings_check(file, root, KEYS(part_keys));
    const config_setting_t *list = settings_list(root, "domains");
    if (list)
        read_domains(policy, file, list, IMAGE_NO_PERSONA);
}

void read_device(struct policy_text *policy, const struct file *file, const config_setting_t *root)
{
    static const char *const modes[] = {"all-devices", "specific-groups", "off", NULL};
    static const char *const actions[] = {"terminate", "report", NULL};
    const config_setting_t *group;
    settings_check(file, root, KEYS(root_keys));
    read_version(file, root);
    policy->switch_mode = (enum switch_mode)settings_word(file, root, "ssl_certificate_pinning", modes, 0);
    policy->action = (enum action)settings_word(file, root, "action", actions, 0);
    policy->allow_override = settings_bool(root, "allow_override", false);
    if ((group = settings_group(root, "device")))
        read_device_groups(policy, file, group);
    if ((group = settings_list(root, "domains")))
        read_domains(policy, file, group, IMAGE_NO_PERSONA);
    if ((group = settings_group(root, "trust"))) {
        settings_check(file, group, KEYS(trust_keys));
        read_certificates(&policy->trust, file, settings_strings(group, "ca_certificates"));
    }
    if ((group = settings_group(root, "events")))
        read_events(policy, file, group);
    if ((group = settings_group(root, "local_proxy")))
        read_local_proxy(policy, file, group);
    else
        read_local_proxy_default(policy, file, root);
    if ((group = settings_list(root, "messages")))
        read_messages(policy, file, group);
    if ((group = settings_group(root, "agent")))
        read_agent(policy, file, group);
}
