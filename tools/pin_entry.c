#include "tools/pin_entry.h"

#include "tools/certificate_text.h"
#include "tools/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PATH_PINNED = 2 /* of each path: the leaf, and its issuer as the backup */ };

struct entry_pin {
    struct pin pin;
    char *subject; /* owned; NULL: no memory for it */
    bool issuer;
};

struct entry {
    const char *name;
    struct entry_pin *pins; /* owned; room for PATH_PINNED of each source */
    size_t pin_count;
};

static bool has_path(const struct pin_source *source)
{
    return source->served.path && sk_X509_num(source->served.path) > 0;
}

static bool is_of(const struct pin_source *source, const char *name)
{
    return has_path(source) && strcmp(source->endpoint.host, name) == 0;
}

/* Keys of several certificates are one pin: a renewed certificate, or a root that signs its own leaf. */
static bool holds(const struct entry *entry, const struct pin *pin)
{
    for (size_t i = 0; i < entry->pin_count; i++)
        if (pin_equal(&entry->pins[i].pin, pin))
            return true;
    return false;
}

static bool add_path(struct entry *entry, const struct pin_source *source)
{
    const int length = sk_X509_num(source->served.path);
    for (int i = 0; i < length && i < PATH_PINNED; i++) {
        X509 *certificate = sk_X509_value(source->served.path, i);
        struct entry_pin added = {.issuer = i > 0};
        if (!certificate_pin(certificate, &added.pin)) {
            report_error("%s: a certificate without a public key", source->name);
            return false;
        }
        if (holds(entry, &added.pin))
            continue;
        added.subject = certificate_subject(certificate);
        entry->pins[entry->pin_count++] = added;
    }
    return true;
}

/* A line of a policy ends its comment: the subject is printable (certificate_subject), and it is cut short.
 */
static void print_pin(const struct entry_pin *pin, bool first, bool last)
{
    enum { SUBJECT_SHOWN = 200 };
    char text[PIN_TEXT_SIZE];
    pin_format(&pin->pin, text);
    printf("    %s\"%s\"%s # %s%.*s\n", first ? "pins = [" : "        ", text, last ? "];" : ", ",
           pin->issuer ? "the issuer: " : "", SUBJECT_SHOWN, pin->subject ? pin->subject : "");
}

static void print_entry(const struct entry *entry, const struct pin_source *sources, size_t count)
{
    char date[sizeof "2026-11-24"];
    const time_t now = time(NULL);
    struct tm utc;
    (void)strftime(date, sizeof date, "%F", gmtime_r(&now, &utc));
    for (size_t i = 0; i < count; i++)
        if (is_of(&sources[i], entry->name))
            printf("  # read on %s from %s port %s, whose certificate verified\n", date, entry->name,
                   sources[i].endpoint.port);
    if (entry->pin_count == 1)
        puts("  # no backup: a server with a new key will be refused");
    printf("  { name = \"%s\"; service = \"custom\";\n", entry->name);
    for (size_t i = 0; i < entry->pin_count; i++)
        print_pin(&entry->pins[i], i == 0, i + 1 == entry->pin_count);
    fputs("  }", stdout);
}

static bool gather(struct entry *entry, const struct pin_source *sources, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_of(&sources[i], entry->name) && !add_path(entry, &sources[i]))
            return false;
    if (entry->pin_count == 1)
        report_warning("%s: one pin alone, and no backup: a server with a new key will be refused",
                       entry->name);
    return true;
}

static bool named_before(const struct pin_source *sources, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (is_of(&sources[j], sources[i].endpoint.host))
            return true;
    return false;
}

bool pin_entries_print(const struct pin_source *sources, size_t count)
{
    bool good = true, any = false;
    for (size_t i = 0; i < count; i++) {
        if (!has_path(&sources[i]) || named_before(sources, i))
            continue;
        struct entry entry = {.name = sources[i].endpoint.host,
                              .pins = calloc(count * PATH_PINNED, sizeof *entry.pins)};
        if (!entry.pins) {
            report_error("out of memory");
            good = false;
            break;
        }
        if (gather(&entry, sources, count)) {
            fputs(any ? ",\n" : "", stdout);
            print_entry(&entry, sources, count);
            any = true;
        } else {
            good = false;
        }
        for (size_t j = 0; j < entry.pin_count; j++)
            free(entry.pins[j].subject);
        free(entry.pins);
    }
    fputs(any ? "\n" : "", stdout);
    return good;
}
