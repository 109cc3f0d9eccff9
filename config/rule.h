/* What a policy says about one host: services, when they are pinned, and the look-up of a name in an image.
 *
 * Pure functions over an immutable image: thread-safe, safe after fork, no allocation.
 * Source: the MaaS360 note (IBM node 6464299); docs/maas360.md maps its sentences.
 */
#ifndef PINSHIM_CONFIG_RULE_H
#define PINSHIM_CONFIG_RULE_H

#include "config/image.h"
#include "config/name.h"
#include "config/pin.h"

enum service {
    SERVICE_ENROLLMENT,
    SERVICE_CLOUD,
    SERVICE_EMAIL,
    SERVICE_GATEWAY,
    SERVICE_WORKPLACE,
    SERVICE_CUSTOM,
    SERVICE_COUNT,
};

/* `ssl_certificate_pinning`; the default, 0, is the note's: on for all. */
enum switch_mode { SWITCH_ALL_DEVICES, SWITCH_SPECIFIC_GROUPS, SWITCH_OFF };

enum action { ACTION_TERMINATE, ACTION_REPORT };

/* `local_proxy`: when the roots that the administrator added may stand in for a pin. */
enum local_proxy {
    LOCAL_PROXY_NEVER,
    LOCAL_PROXY_AUTO, /* where the machine's own settings name a proxy */
    LOCAL_PROXY_NAMED /* the policy names one */
};

/* The personas of an image that apply to this process, and what they turn on. */
struct applied_personas {
    uint8_t bits[IMAGE_PERSONAS / 8];    /* persona i applies: bits[i / 8] >> i % 8 & 1 */
    uint8_t perhaps[IMAGE_PERSONAS / 8]; /* it can't be told: what it pins counts, and nothing else of it */
    bool validate;                       /* one of them has validate_server_certificate */
    bool inspection;                     /* one of them turns SSL inspection on */
    uint64_t groups; /* a digest of the process's groups that it was told by; 0: no persona asks for them */
};

/* The service's name in a policy, "cloud" for SERVICE_CLOUD; NULL outside the enumeration. */
const char *service_name(enum service service);

/* Is a host of this service pinned? `persona_applies`: the entry is pinshim.conf's or its persona applies;
 * `validate`: as in applied_personas. */
bool service_pinned(enum switch_mode mode, enum service service, bool persona_applies, bool validate)
    __attribute__((warn_unused_result));

/* May a proxy root stand in for a pin of this service? `allowed`: what the entry says; enrollment never. */
bool service_inspectable(enum service service, bool allowed) __attribute__((warn_unused_result));

enum rule_status {
    RULE_DAMAGED = 0, /* the image cannot say: treat the host as pinned, and nothing as satisfying it */
    RULE_NONE,        /* no applied entry covers the name */
    RULE_FOUND,
};

/* The applied entries of the most specific name that covers a host, merged: pinned if any says so, pins
 * united. Views the image and the applied personas; valid as long as both are. */
struct rule {
    const uint8_t *entries; /* the record in the image */
    size_t length;
    const struct applied_personas *applied;
    uint8_t cover; /* the one enum image_entry_flags by which entries cover the host: EXACT, WILDCARD or
                      SUBDOMAINS */
    bool pinned;
    bool expired_open;        /* every pinning entry is past `expires`, and says on_expiry = "open" */
    bool inspectable;         /* every pinning entry allows SSL inspection */
    enum service service;     /* of the first pinning entry, else of the first */
    int64_t now;              /* when it was resolved, seconds since 1970 */
    char name[NAME_SIZE + 2]; /* the entry's name as a policy spells it, "*." included */
};

/* Looks a normalised name up: the exact name, then `*.` over the first label, then the nearest ancestor with
 * include_subdomains. `applied` may outlive neither the image nor *rule. */
enum rule_status rule_resolve(const struct image *image, const struct applied_personas *applied,
                              const char *name, int64_t now, struct rule *rule)
    __attribute__((nonnull, warn_unused_result));

/* One entry that covers a host, whether it applies to anybody or not. Views the image. */
struct rule_entry {
    const char *name; /* of the entry, without "*."; points into the host's name */
    uint8_t cover;    /* as in struct rule */
    struct image_entry head;
    const struct pin *pins; /* head.pin_count of them */
};

/* Calls `visit` with every entry that covers the host, the more specific names first. False: the image is
 * damaged. For an explanation; a process asks rule_resolve. */
bool rule_each_entry(const struct image *image, const char *name,
                     void (*visit)(const struct rule_entry *entry, void *argument), void *argument)
    __attribute__((nonnull(1, 2, 3), warn_unused_result));

/* True where one of the rule's pins is this one. Entries that expired open hold none. */
bool rule_holds_pin(const struct rule *rule, const struct pin *pin)
    __attribute__((nonnull, warn_unused_result));

/* Copies up to `capacity` of the rule's pins, for an event or an explanation; returns how many
 * were copied. */
size_t rule_pins(const struct rule *rule, struct pin *pins, size_t capacity) __attribute__((nonnull));

#endif
