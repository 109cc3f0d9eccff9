#include "tools/explanation_parts.h"

#include "shim/local_proxy.h"
#include "tools/certificate_text.h"

#include <stdlib.h>
#include <string.h>

/* The certificates of a record, each as its pin and subject. */
static void append_certificates(json_t *list, const uint8_t *record, size_t length)
{
    uint32_t size;
    while (length > sizeof size) {
        memcpy(&size, record, sizeof size);
        const unsigned char *der = record + sizeof size;
        if (size > length - sizeof size)
            return;
        record += sizeof size + size, length -= sizeof size + size;
        X509 *certificate = d2i_X509(NULL, &der, size);
        char *subject = certificate ? certificate_subject(certificate) : NULL;
        struct pin pin;
        if (certificate && certificate_pin(certificate, &pin)) {
            char text[PIN_TEXT_SIZE];
            pin_format(&pin, text);
            json_array_append_new(
                list, json_pack("{s:s s:o}", "pin", text, "subject", explanation_string(subject)));
        }
        free(subject);
        X509_free(certificate);
    }
}

static json_t *proxy_certificates(const struct explained *explained)
{
    const struct image *image = &explained->policy->image;
    json_t *list = json_array();
    const uint8_t *record;
    size_t length;
    for (uint32_t i = 0; i < image->header.persona_count; i++)
        if (explanation_applies(explained, i) &&
            image_find_persona(image, IMAGE_KEY_PROXY_ROOTS, i, &record, &length) == IMAGE_FOUND)
            append_certificates(list, record, length);
    return list;
}

static json_t *local_proxy(const struct image *image)
{
    json_t *roots = json_array();
    const uint8_t *record;
    size_t length;
    if (image_find_kind(image, IMAGE_KEY_LOCAL_ROOTS, &record, &length) == IMAGE_FOUND)
        append_certificates(roots, record, length);
    return json_pack("{s:s s:b s:o}", "trust",
                     image->header.local_proxy == LOCAL_PROXY_NEVER ? "never" : "when-configured",
                     "configured", local_proxy_is_configured(image), "roots", roots);
}

json_t *explanation_satisfied_by(const struct explained *explained, const struct rule *rule)
{
    if (!rule || !rule->pinned || rule->expired_open)
        return json_null();
    const size_t most = rule->length / sizeof(struct pin) + 1;
    struct pin *found = calloc(most, sizeof *found);
    if (!found)
        return NULL;
    json_t *list = explanation_pins(found, rule_pins(rule, found, most));
    free(found);
    return json_pack("{s:o s:b s:o s:o}", "pins", list, "ssl_inspection",
                     rule->inspectable && explained->policy->applied.inspection, "proxy_certificates",
                     rule->inspectable ? proxy_certificates(explained) : json_array(), "local_proxy",
                     rule->inspectable ? local_proxy(&explained->policy->image) : json_null());
}
