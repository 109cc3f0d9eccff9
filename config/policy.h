/* A policy in memory, between its text and its image: what policy_read fills and policy_compile writes. */
#ifndef PINSHIM_CONFIG_POLICY_H
#define PINSHIM_CONFIG_POLICY_H

#include "config/certificate.h"
#include "config/diagnostics.h"
#include "config/domain_table.h"
#include "config/image_format.h"
#include "config/name.h"
#include "config/rule.h"
#include "config/settings.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct persona {
    char *name;                /* owned */
    struct image_persona head; /* group_count and device_group_count included */
    uint32_t *groups;          /* owned */
    char **user_groups;        /* the same groups' names; owned */
    char **device_groups;      /* owned */
    struct certificates proxies;
};

/* What a program shows where a connection of its own is refused. */
struct message {
    char *application, *text; /* owned */
};

/* Where fresh policies come from. Zero-initialised: nothing is said. */
struct agent_policy {
    char *url;          /* owned; NULL: there is no agent's section, or it has errors */
    char **public_keys; /* as they are spelt, NULL at the end; owned */
    unsigned interval;  /* seconds between two looks */
};

enum {
    AGENT_INTERVAL = 60 * 60,
    AGENT_INTERVAL_LEAST = 10,
    AGENT_INTERVAL_MOST = 30 * 24 * 60 * 60,
};

void agent_policy_free(struct agent_policy *agent) __attribute__((nonnull));

/* Strings and lists are owned. Zero-initialised is empty. */
struct policy_text {
    enum policy_use use;                             /* set by the caller of policy_read */
    bool bundled;                                    /* so is this; it comes out of a bundle */
    void (*progress)(unsigned done, unsigned total); /* of the domains of pinshim.conf; or NULL */
    enum switch_mode switch_mode;
    enum action action;
    bool allow_override, no_syslog, no_desktop;
    enum local_proxy local_proxy;
    struct certificates local_roots;
    struct message *messages;
    size_t message_count;
    char *events_file;
    char *report_url;
    bool device_known; /* before it is read: what it says of the device doesn't count */
    char *device_id;
    char **device_groups;
    size_t device_group_count;
    struct certificates trust;
    struct agent_policy agent;
    struct domain_table domains;
    bool has_addresses; /* some of them are IP addresses */
    struct persona *personas;
    size_t persona_count;
    struct watch_list watched;
    unsigned single_pins, expiring; /* entries that were warned of, or would have been: policy_read sums up */
    char **sources;                 /* the files' names */
    size_t source_count;
};

/* Reads pinshim.conf at `path`, and persona.d beside it. What is wrong goes into *diagnostics; the policy is
 * to be freed, and to be used only without errors. */
void policy_read(struct policy_text *policy, const char *path, struct diagnostics *diagnostics)
    __attribute__((nonnull));

void policy_free(struct policy_text *policy) __attribute__((nonnull));

#endif
