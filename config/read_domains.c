#include "config/host_text.h"
#include "config/read.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct key domain_keys[] = {
    {"name", KEY_STRING, true},
    {"service", KEY_STRING, false},
    {"pinned", KEY_BOOL, false},
    {"pins", KEY_STRINGS, false},
    {"certificates", KEY_STRINGS, false},
    {"expires", KEY_STRING, false},
    {"on_expiry", KEY_STRING, false},
    {"include_subdomains", KEY_BOOL, false},
    {"allow_ssl_inspection", KEY_BOOL, false},
};

enum {
    MOST_PINS = 10000, /* of one entry: each is compared with each */
    EXPIRY_NOTICE = 30 /* days */
};

/* An entry on its way from the text to the policy. */
struct draft {
    char name[NAME_SIZE];
    struct image_entry head;
    struct pin *pins; /* owned */
    size_t pin_count;
};

/* False where it has too many: the rest needn't be looked at. */
static bool add_pin(struct draft *draft, const struct file *file, const config_setting_t *setting,
                    const struct pin *pin)
{
    for (size_t i = 0; i < draft->pin_count; i++)
        if (pin_equal(&draft->pins[i], pin))
            return true;
    struct pin *pins =
        draft->pin_count < MOST_PINS ? reallocarray(draft->pins, draft->pin_count + 1, sizeof *pins) : NULL;
    if (!pins) {
        settings_error(file, setting, "more than %d pins, or out of memory", MOST_PINS);
        return false;
    }
    draft->pins = pins;
    draft->pins[draft->pin_count++] = *pin;
    return true;
}

static void read_pins(struct draft *draft, const struct file *file, const config_setting_t *group)
{
    const config_setting_t *list = settings_strings(group, "pins");
    for (size_t i = 0; i < settings_length(list); i++) {
        struct pin pin;
        const char *text = settings_string_at(list, i);
        const config_setting_t *setting = config_setting_get_elem(list, (unsigned)i);
        if (!pin_parse(text, &pin))
            settings_error(
                file, setting,
                "\"%s\" is no pin: expected sha256//, sha256/ or pin-sha256=, then the 44 characters "
                "of a SHA-256 digest in base64",
                text);
        else if (!add_pin(draft, file, setting, &pin))
            return;
    }
}

static void read_pinned_certificates(struct draft *draft, const struct file *file,
                                     const config_setting_t *group)
{
    const config_setting_t *list = settings_strings(group, "certificates");
    struct certificates certificates = {0};
    read_certificates(&certificates, file, list);
    for (size_t i = 0; i < certificates.count; i++)
        if (!add_pin(draft, file, list, &certificates.items[i].pin))
            break;
    certificates_free(&certificates);
}

/* A name as it stands in the text: "*." is taken off and becomes a flag. */
static bool read_name(struct draft *draft, const struct file *file, const config_setting_t *group)
{
    const char *text = settings_string(group, "name");
    if (!text)
        return false;
    const config_setting_t *setting = config_setting_get_member(group, "name");
    const bool wildcard = strncmp(text, "*.", 2) == 0;
    const bool subdomains = settings_bool(group, "include_subdomains", false);
    const char *name = wildcard ? text + 2 : text;
    const char *error;
    if (!host_text_normalise(name, draft->name, &error)) {
        settings_error(file, setting, "\"%s\" %s", text, error);
        return false;
    }
    if (wildcard && subdomains) {
        settings_error(file, setting, "a wildcard covers one label, include_subdomains all: choose one");
        return false;
    }
    const char *too_wide = wildcard || subdomains ? host_text_too_wide(draft->name) : NULL;
    if (too_wide) {
        settings_error(file, setting, "\"%s\": a wildcard or include_subdomains over %s", text, too_wide);
        return false;
    }
    draft->head.flags |= wildcard ? IMAGE_ENTRY_WILDCARD : IMAGE_ENTRY_EXACT;
    if (subdomains)
        draft->head.flags |= IMAGE_ENTRY_SUBDOMAINS;
    return true;
}

static void read_service(struct draft *draft, const struct file *file, const config_setting_t *group,
                         bool persona)
{
    static const char *const of_device[] = {"enrollment", "cloud", "custom", NULL};
    static const char *const of_persona[] = {"email", "gateway", "workplace", NULL};
    static const enum service device_services[] = {SERVICE_ENROLLMENT, SERVICE_CLOUD, SERVICE_CUSTOM};
    static const enum service persona_services[] = {SERVICE_EMAIL, SERVICE_GATEWAY, SERVICE_WORKPLACE};
    if (persona && !settings_string(group, "service") && !config_setting_get_member(group, "service"))
        settings_error(file, group, "\"service\" is missing: \"email\", \"gateway\" or \"workplace\"");
    const int word = settings_word(file, group, "service", persona ? of_persona : of_device, persona ? 0 : 1);
    const enum service service = persona ? persona_services[word] : device_services[word];
    draft->head.service = (uint8_t)service;

    const bool by_default = service != SERVICE_CUSTOM && service != SERVICE_ENROLLMENT;
    const bool allowed = settings_bool(group, "allow_ssl_inspection", by_default);
    if (allowed && service == SERVICE_ENROLLMENT)
        settings_error(file, config_setting_get_member(group, "allow_ssl_inspection"),
                       "enrollment never goes through a proxy");
    if (service_inspectable(service, allowed))
        draft->head.flags |= IMAGE_ENTRY_INSPECTION;
}

/* YYYY-MM-DD; the pins hold through the end of that day, UTC. */
static bool parse_date(const char *text, int64_t *expires)
{
    struct tm date = {0};
    if (strlen(text) != strlen("YYYY-MM-DD") || text[strspn(text, "0123456789-")] != '\0')
        return false; /* strptime also takes fewer digits, and spaces before them */
    const char *end = strptime(text, "%Y-%m-%d", &date);
    if (!end || *end)
        return false;
    const struct tm wanted = date;
    const time_t start = timegm(&date);
    if (date.tm_mday != wanted.tm_mday || date.tm_mon != wanted.tm_mon) /* the 31st of February */
        return false;
    *expires = (int64_t)start + 24 * 60 * 60;
    return true;
}

/* `date` is when the pins expire, as it stands in the text. Good pins expire by themselves: that keeps no
 * device from a bundle that was good when it was made, and no upgrade from making the image anew. */
static void check_expiry(struct policy_text *policy, const struct file *file, const config_setting_t *setting,
                         const char *date, int64_t expires)
{
    const int64_t left = expires - (int64_t)time(NULL), day = 24L * 60 * 60;
    if (left <= 0 && file->use == POLICY_TO_CHECK)
        settings_error(file, setting, "the pins expired on %s", date);
    else if (left <= 0)
        settings_warning(file, setting, "the pins expired on %s", date);
    else if (left <= EXPIRY_NOTICE * day && policy->expiring++ < ENTRIES_TOLD)
        settings_advice(file, setting, "the pins expire on %s, in %lld days", date, (long long)(left / day));
}

static void read_expiry(struct draft *draft, struct policy_text *policy, const struct file *file,
                        const config_setting_t *group)
{
    static const char *const words[] = {"enforce", "open", NULL};
    const char *date = settings_string(group, "expires");
    const config_setting_t *setting = config_setting_get_member(group, "expires");
    draft->head.expires = INT64_MAX;
    if (date && parse_date(date, &draft->head.expires))
        check_expiry(policy, file, setting, date, draft->head.expires);
    else if (date)
        settings_error(file, setting, "\"%s\" is no date: expected YYYY-MM-DD", date);
    if (settings_word(file, group, "on_expiry", words, 0) == 1)
        draft->head.flags |= IMAGE_ENTRY_OPEN_WHEN_EXPIRED;
    if (!setting && config_setting_get_member(group, "on_expiry"))
        settings_warning(file, config_setting_get_member(group, "on_expiry"), "there is no \"expires\"");
}

/* The same name, wildcard or not alike, twice in one file. */
static const struct entry *find_twin(const struct domain *domain, const struct image_entry *head)
{
    for (const struct entry *entry = domain->entries; entry; entry = entry->next)
        if (entry->head.source == head->source &&
            (entry->head.flags & IMAGE_ENTRY_WILDCARD) == (head->flags & IMAGE_ENTRY_WILDCARD))
            return entry;
    return NULL;
}

static void keep(struct policy_text *policy, const struct file *file, const config_setting_t *group,
                 struct draft *draft)
{
    struct domain *domain = domain_table_get(&policy->domains, draft->name);
    const struct entry *twin = domain ? find_twin(domain, &draft->head) : NULL;
    if (twin) {
        settings_error(file, group, "\"%s%s\" stands twice: first in line %u",
                       draft->head.flags & IMAGE_ENTRY_WILDCARD ? "*." : "", draft->name, twin->head.line);
        return;
    }
    const size_t pins_size = draft->pin_count * sizeof(struct pin);
    struct entry *entry = domain ? malloc(sizeof *entry + pins_size) : NULL;
    if (!entry) {
        settings_error(file, group, "out of memory");
        return;
    }
    policy->has_addresses |= name_is_ip(draft->name);
    draft->head.pin_count = (uint16_t)draft->pin_count;
    *entry = (struct entry){.head = draft->head};
    if (draft->pins)
        memcpy(entry->pins, draft->pins, pins_size);
    *domain->last = entry;
    domain->last = &entry->next;
}

static void read_domain(struct policy_text *policy, const struct file *file, const config_setting_t *group,
                        uint32_t persona)
{
    struct draft draft = {.head = {
                              .persona = persona,
                              .line = settings_line(file, group),
                              .source = (uint16_t)file->index,
                          }};
    settings_check(file, group, KEYS(domain_keys));
    const bool pinned = settings_bool(group, "pinned", true);
    if (pinned)
        draft.head.flags |= IMAGE_ENTRY_PINNED;
    const bool named = read_name(&draft, file, group);
    read_service(&draft, file, group, persona != IMAGE_NO_PERSONA);
    read_expiry(&draft, policy, file, group);
    const size_t errors = file->diagnostics->errors;
    read_pins(&draft, file, group);
    read_pinned_certificates(&draft, file, group);
    const bool readable =
        settings_is(group, "pins", KEY_STRINGS) && settings_is(group, "certificates", KEY_STRINGS);
    if (pinned && draft.pin_count == 0 && readable && file->diagnostics->errors == errors)
        settings_error(file, group, "no pin: expected \"pins\" or \"certificates\", or pinned = false");
    if (pinned && draft.pin_count == 1 && policy->single_pins++ < ENTRIES_TOLD)
        settings_advice(file, group,
                        "a single pin: once its key is lost or replaced, nothing connects any more; "
                        "add a backup pin");
    if (!pinned && draft.pin_count > 0)
        settings_warning(file, group, "pinned = false: the pins are not used");
    if (named)
        keep(policy, file, group, &draft);
    free(draft.pins);
}

void read_domains(struct policy_text *policy, const struct file *file, const config_setting_t *list,
                  uint32_t persona)
{
    for (size_t i = 0; i < settings_length(list); i++)
        read_domain(policy, file, config_setting_get_elem(list, (unsigned)i), persona);
}
