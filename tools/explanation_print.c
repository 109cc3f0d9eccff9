#include "tools/explanation.h"
#include "tools/report.h"

#include <stdio.h>
#include <string.h>

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

static bool flag(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

static void print_place(const json_t *object)
{
    printf("      %s:%lld", text(object, "file"),
           (long long)json_integer_value(json_object_get(object, "line")));
}

static void print_policy(const json_t *policy)
{
    printf("\nPolicy\n  %s, version %s\n", text(policy, "file"), text(policy, "version"));
    printf("  ssl_certificate_pinning is \"%s\"; a violation %s\n", text(policy, "ssl_certificate_pinning"),
           strcmp(text(policy, "action"), "report") == 0 ? "is reported, and the connection goes on"
                                                         : "ends the handshake");
}

static void print_entry(const json_t *entry)
{
    const size_t pins = json_array_size(json_object_get(entry, "pins"));
    printf("  %s%s: %s", text(entry, "name"), flag(entry, "include_subdomains") ? " and below" : "",
           text(entry, "service"));
    if (flag(entry, "pinned"))
        printf(", %zu pin%s", pins, pins == 1 ? "" : "s");
    else
        printf(", exempt (pinned = false)");
    printf("; %s\n", text(entry, "why"));
    print_place(entry);
    if (text(entry, "persona")[0])
        printf(", persona \"%s\"", text(entry, "persona"));
    if (text(entry, "expires")[0])
        printf(", %s %s (on_expiry = \"%s\")", flag(entry, "expired") ? "expired on" : "expires on",
               text(entry, "expires"), text(entry, "on_expiry"));
    putchar('\n');
}

static void print_persona(const json_t *persona)
{
    printf("  \"%s\" %s: %s\n", text(persona, "name"), flag(persona, "applies") ? "applies" : "doesn't apply",
           text(persona, "why"));
    print_place(persona);
    printf(", version %lld%s%s\n", (long long)json_integer_value(json_object_get(persona, "version")),
           flag(persona, "validate_server_certificate") ? ", validate_server_certificate" : "",
           flag(persona, "ssl_inspection") ? ", SSL inspection" : "");
}

static void print_list(const char *title, const json_t *list, void (*print)(const json_t *item))
{
    if (json_array_size(list) == 0)
        return;
    printf("\n%s\n", title);
    for (size_t i = 0; i < json_array_size(list); i++)
        print(json_array_get(list, i));
}

static void print_certificate(const json_t *certificate)
{
    printf("      %s  %s%s\n", text(certificate, "pin"), text(certificate, "subject"),
           flag(certificate, "pinned") ? "  (pinned)" : "");
}

static void print_certificates(const char *title, const json_t *list)
{
    printf("  %s\n", title);
    for (size_t i = 0; i < json_array_size(list); i++)
        print_certificate(json_array_get(list, i));
}

static void print_local_proxy(const json_t *proxy)
{
    if (strcmp(text(proxy, "trust"), "never") == 0)
        return;
    print_certificates(
        flag(proxy, "configured")
            ? "a path that verifies to a root of the local proxy, which is configured:"
            : "once a local proxy is configured, which it isn't: a path that verifies to one of its roots:",
        json_object_get(proxy, "roots"));
}

static void print_satisfied_by(const json_t *satisfied_by)
{
    const json_t *pins = json_object_get(satisfied_by, "pins");
    if (json_is_null(satisfied_by))
        return;
    printf("\nSatisfied by\n  one of these keys, the leaf's or that of a certificate in a path that "
           "verifies:\n");
    for (size_t i = 0; i < json_array_size(pins); i++)
        printf("      %s\n", json_string_value(json_array_get(pins, i)));
    if (flag(satisfied_by, "ssl_inspection"))
        print_certificates("a path that verifies to a proxy certificate:",
                           json_object_get(satisfied_by, "proxy_certificates"));
    if (json_is_object(json_object_get(satisfied_by, "local_proxy")))
        print_local_proxy(json_object_get(satisfied_by, "local_proxy"));
}

static void print_connection(const json_t *connection)
{
    if (!connection)
        return;
    printf("\nServer at port %s\n", text(connection, "port"));
    if (text(connection, "error")[0]) {
        printf("  %s\n", text(connection, "error"));
        return;
    }
    printf("  %s: %s\n  against the system's roots: %s\n", text(connection, "verdict"),
           text(connection, "outcome"), text(connection, "system_roots"));
    print_certificates("what it serves, leaf first:", json_object_get(connection, "served_chain"));
    if (json_array_size(json_object_get(connection, "verified_chain")))
        print_certificates("the path that verifies:", json_object_get(connection, "verified_chain"));
}

void explanation_print(const json_t *explanation)
{
    printf("%s is %s: %s\n", text(explanation, "host"), flag(explanation, "pinned") ? "pinned" : "not pinned",
           text(explanation, "why"));
    print_policy(json_object_get(explanation, "policy"));
    print_list("Entries, the more specific first", json_object_get(explanation, "entries"), print_entry);
    print_list("Personas", json_object_get(explanation, "personas"), print_persona);
    print_satisfied_by(json_object_get(explanation, "satisfied_by"));
    print_connection(json_object_get(explanation, "connection"));
}
