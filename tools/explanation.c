#include "tools/explanation_parts.h"

#include "tools/persona_view.h"
#include "tools/report.h"

#include <string.h>
#include <time.h>

static const char *switch_name(uint8_t mode)
{
    static const char *const names[] = {"all-devices", "specific-groups", "off"};
    return mode < sizeof names / sizeof names[0] ? names[mode] : "unknown";
}

/* The last day on which the pins hold; null: they never expire. */
static json_t *expiry_date(const struct image_entry *entry)
{
    const time_t last = (time_t)entry->expires - 1;
    struct tm day;
    char text[32];
    if (entry->expires == INT64_MAX || !gmtime_r(&last, &day) || !strftime(text, sizeof text, "%F", &day))
        return json_null();
    return json_string(text);
}

static json_t *entry_name(const struct rule_entry *entry)
{
    return json_sprintf("%s%s", entry->cover == IMAGE_ENTRY_WILDCARD ? "*." : "", entry->name);
}

/* What a visit of the entries gathers. */
struct gathering {
    const struct explained *explained;
    const struct rule *rule; /* NULL: none applies */
    json_t *entries, *pins;
};

/* Is it one of those that were merged into the rule? */
static bool decides(const struct gathering *gathering, const struct rule_entry *entry)
{
    if (!gathering->rule || entry->cover != gathering->rule->cover)
        return false;
    const char *name = gathering->rule->name + (entry->cover == IMAGE_ENTRY_WILDCARD ? 2 : 0);
    return strcmp(name, entry->name) == 0;
}

static void visit_entry(const struct rule_entry *entry, void *argument)
{
    struct gathering *gathering = argument;
    const struct explained *explained = gathering->explained;
    const struct image *image = &explained->policy->image;
    const struct image_entry *head = &entry->head;
    struct persona_view persona = {0};
    const bool of_persona = head->persona != IMAGE_NO_PERSONA && persona_view(image, head->persona, &persona);
    const bool applied = explanation_applies(explained, head->persona),
               deciding = applied && decides(gathering, entry);
    const bool expired = time(NULL) >= head->expires;
    const bool open = (head->flags & IMAGE_ENTRY_OPEN_WHEN_EXPIRED) != 0;
    const char *why = deciding  ? "decides"
                      : applied ? "a more specific name decides"
                                : "its persona doesn't apply";
    json_array_append_new(
        gathering->entries,
        json_pack(
            "{s:o s:b s:o s:i s:s s:o s:b s:b s:b s:s s:o s:o s:s s:b s:b}", "name", entry_name(entry),
            "include_subdomains", (head->flags & IMAGE_ENTRY_SUBDOMAINS) != 0, "file",
            explanation_string(explanation_source(image, head->source)), "line", (int)head->line, "service",
            service_name((enum service)head->service), "persona",
            explanation_string(of_persona ? persona.name : NULL), "pinned",
            (head->flags & IMAGE_ENTRY_PINNED) != 0, "applies", applied, "decides", deciding, "why", why,
            "pins", explanation_pins(entry->pins, head->pin_count), "expires", expiry_date(head), "on_expiry",
            open ? "open" : "enforce", "expired", expired, "allow_ssl_inspection",
            service_inspectable((enum service)head->service, (head->flags & IMAGE_ENTRY_INSPECTION) != 0)));
}

static const char *why_service(const struct explained *explained, const struct rule *rule)
{
    const struct image_header *header = &explained->policy->image.header;
    switch (rule->service) {
    case SERVICE_ENROLLMENT:
        return "enrollment is pinned whatever the switch says";
    case SERVICE_CUSTOM:
        return "a custom service is pinned whatever the switch says";
    case SERVICE_EMAIL:
    case SERVICE_GATEWAY:
    case SERVICE_WORKPLACE:
        return "a persona that applies names it, and then it is pinned whatever the switch says";
    case SERVICE_CLOUD:
    case SERVICE_COUNT:
        break;
    }
    if (header->switch_mode == SWITCH_ALL_DEVICES)
        return "ssl_certificate_pinning is \"all-devices\"";
    if (header->switch_mode == SWITCH_OFF)
        return "ssl_certificate_pinning is \"off\"";
    return explained->policy->applied.validate
               ? "ssl_certificate_pinning is \"specific-groups\", and an applied persona has "
                 "validate_server_certificate"
               : "ssl_certificate_pinning is \"specific-groups\", and no applied persona has "
                 "validate_server_certificate";
}

static const char *why(const struct explained *explained, const struct gathering *gathering)
{
    if (!gathering->rule)
        return json_array_size(gathering->entries) ? "only personas that don't apply name it"
                                                   : "no entry covers it";
    if (gathering->rule->expired_open)
        return "the pins have expired, and on_expiry is \"open\": every server is accepted, with an event";
    bool exempt = true;
    for (size_t i = 0; i < json_array_size(gathering->entries); i++) {
        const json_t *entry = json_array_get(gathering->entries, i);
        if (json_is_true(json_object_get(entry, "decides")))
            exempt &= json_is_false(json_object_get(entry, "pinned"));
    }
    return exempt ? "it is exempt: pinned = false" : why_service(explained, gathering->rule);
}

static json_t *policy_of(const struct explained *explained)
{
    const struct policy *policy = explained->policy;
    char version[17];
    snprintf(version, sizeof version, "%016llx", (unsigned long long)policy->image.header.policy_version);
    return json_pack("{s:o s:s s:s s:s}", "file", explanation_string(explained->path), "version", version,
                     "ssl_certificate_pinning", switch_name(policy->image.header.switch_mode), "action",
                     policy->report ? "report" : "terminate");
}

json_t *explanation_new(const struct explained *explained)
{
    const struct policy *policy = explained->policy;
    struct rule rule;
    struct gathering gathering = {.explained = explained, .entries = json_array()};
    const enum rule_status status =
        rule_resolve(&policy->image, &policy->applied, explained->host, (int64_t)time(NULL), &rule);
    if (status == RULE_FOUND)
        gathering.rule = &rule;
    if (status == RULE_DAMAGED ||
        !rule_each_entry(&policy->image, explained->host, visit_entry, &gathering)) {
        report_error("%s: the image %s", explained->path, image_status_text(IMAGE_DAMAGED));
        json_decref(gathering.entries);
        return NULL;
    }
    const bool pinned = gathering.rule && rule.pinned;
    return json_pack("{s:s s:b s:s s:s? s:s? s:o s:s s:o s:o s:o}", "host", explained->host, "pinned",
                     pinned && !rule.expired_open, "why", why(explained, &gathering), "rule",
                     gathering.rule ? rule.name : NULL, "service",
                     gathering.rule ? service_name(rule.service) : NULL, "policy", policy_of(explained),
                     "user", explained->groups->user, "entries", gathering.entries, "personas",
                     explanation_personas(explained), "satisfied_by",
                     explanation_satisfied_by(explained, gathering.rule));
}
