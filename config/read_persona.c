#include "config/read.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

static const struct key root_keys[] = {{"persona", KEY_GROUP, true}};
static const struct key persona_keys[] = {
    {"name", KEY_STRING, true},          {"version", KEY_INTEGER, false},
    {"user_groups", KEY_STRINGS, false}, {"device_groups", KEY_STRINGS, false},
    {"workplace", KEY_GROUP, false},     {"domains", KEY_LIST, false},
};
static const struct key workplace_keys[] = {{"security", KEY_GROUP, false}};
static const struct key security_keys[] = {
    {"validate_server_certificate", KEY_BOOL, false},
    {"use_ssl_inspection_in_corporate_network", KEY_GROUP, false},
};
static const struct key inspection_keys[] = {
    {"enabled", KEY_BOOL, true},
    {"proxy_certificates", KEY_STRINGS, false},
};

static bool device_is_in(const struct policy_text *policy, const char *group)
{
    for (size_t i = 0; i < policy->device_group_count; i++)
        if (strcmp(policy->device_groups[i], group) == 0)
            return true;
    return false;
}

/* Of some account: then it has a member, whom its own list needn't name. */
static bool is_primary_group(gid_t id)
{
    const struct passwd *account;
    bool found = false;
    setpwent();
    while (!found && (account = getpwent()))
        found = account->pw_gid == id;
    endpwent();
    return found;
}

static void read_user_groups(struct persona *persona, const struct file *file, const config_setting_t *group,
                             const config_setting_t *list)
{
    const size_t count = settings_length(list);
    persona->groups = calloc(count + 1, sizeof *persona->groups);
    persona->user_groups = settings_copy_strings(list);
    if (!persona->groups || !persona->user_groups) {
        settings_error(file, group, "out of memory");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = settings_string_at(list, i);
        const struct group *found = getgrnam(name);
        const config_setting_t *setting = config_setting_get_elem(list, (unsigned)i);
        if (!found) {
            settings_error(file, setting, "unknown group \"%s\"", name);
            continue;
        }
        const gid_t id = persona->groups[persona->head.group_count++] = found->gr_gid;
        if (file->use != POLICY_TO_OBEY && !found->gr_mem[0] && !is_primary_group(id))
            settings_advice(file, setting, "nobody is known to be in the group \"%s\"", name);
    }
}

/* Whom it applies to: the device decides here, the process's groups when it runs. */
static void read_groups(struct persona *persona, const struct policy_text *policy, const struct file *file,
                        const config_setting_t *group)
{
    const config_setting_t *users = settings_strings(group, "user_groups");
    const config_setting_t *devices = settings_strings(group, "device_groups");
    if (!users && !devices)
        persona->head.flags |= IMAGE_PERSONA_EVERYONE;
    else if (settings_length(users) + settings_length(devices) == 0)
        settings_fault(file, group, "the groups are empty: this persona applies to nobody");
    if (!(persona->device_groups = settings_copy_strings(devices)))
        settings_error(file, group, "out of memory");
    else
        persona->head.device_group_count = (uint32_t)settings_length(devices);
    for (size_t i = 0; i < settings_length(devices); i++)
        if (device_is_in(policy, settings_string_at(devices, i)))
            persona->head.flags |= IMAGE_PERSONA_EVERYONE;
    read_user_groups(persona, file, group, users);
}

static void read_inspection(struct persona *persona, const struct file *file,
                            const config_setting_t *inspection)
{
    settings_check(file, inspection, KEYS(inspection_keys));
    if (!settings_bool(inspection, "enabled", false))
        return;
    persona->head.flags |= IMAGE_PERSONA_INSPECTION;
    const config_setting_t *list = settings_strings(inspection, "proxy_certificates");
    if (settings_length(list) == 0)
        settings_error(file, inspection, "enabled, but there are no \"proxy_certificates\"");
    read_certificates(&persona->proxies, file, list);
}

static void read_security(struct persona *persona, const struct file *file, const config_setting_t *group)
{
    const config_setting_t *workplace = settings_group(group, "workplace");
    if (!workplace)
        return;
    settings_check(file, workplace, KEYS(workplace_keys));
    const config_setting_t *security = settings_group(workplace, "security");
    if (!security)
        return;
    settings_check(file, security, KEYS(security_keys));
    if (settings_bool(security, "validate_server_certificate", false))
        persona->head.flags |= IMAGE_PERSONA_VALIDATE;
    const config_setting_t *inspection = settings_group(security, "use_ssl_inspection_in_corporate_network");
    if (inspection)
        read_inspection(persona, file, inspection);
}

void read_persona(struct policy_text *policy, const struct file *file, const config_setting_t *root)
{
    settings_check(file, root, KEYS(root_keys));
    const config_setting_t *group = settings_group(root, "persona");
    if (!group)
        return;
    settings_check(file, group, KEYS(persona_keys));
    struct persona *personas = reallocarray(policy->personas, policy->persona_count + 1, sizeof *personas);
    if (!personas) {
        settings_error(file, group, "out of memory");
        return;
    }
    policy->personas = personas;
    const uint32_t index = (uint32_t)policy->persona_count++;
    const char *name = settings_string(group, "name");
    const config_setting_t *version = config_setting_get_member(group, "version");
    personas[index] = (struct persona){
        .name = strdup(name ? name : ""),
        .head = {.version = version ? (uint32_t)config_setting_get_int(version) : 0,
                 .line = settings_line(file, group),
                 .source = (uint16_t)file->index},
    };
    read_groups(&personas[index], policy, file, group);
    read_security(&personas[index], file, group);
    const config_setting_t *domains = settings_list(group, "domains");
    if (domains)
        read_domains(policy, file, domains, index);
}
