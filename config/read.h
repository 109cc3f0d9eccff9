/* The parts of policy_read, one a file: each takes a libconfig setting and fills the policy. */
#ifndef PINSHIM_CONFIG_READ_H
#define PINSHIM_CONFIG_READ_H

#include "config/policy.h"
#include "config/settings.h"

/* Where the device's policy is kept: what lies there belongs to root. */
#define POLICY_FOLDER "/etc/pinshim"

/* Of entries that have the same defect each, so many are told of singly. */
enum { ENTRIES_TOLD = 10 };

#define KEYS(table) (table), sizeof(table) / sizeof *(table)

/* A `domains` list. `persona`: whose it is, or IMAGE_NO_PERSONA for pinshim.conf. */
void read_domains(struct policy_text *policy, const struct file *file, const config_setting_t *list,
                  uint32_t persona) __attribute__((nonnull));

/* The root of a persona's file. */
void read_persona(struct policy_text *policy, const struct file *file, const config_setting_t *root)
    __attribute__((nonnull));

/* Groups and lists of pinshim.conf. */
void read_local_proxy(struct policy_text *policy, const struct file *file, const config_setting_t *group)
    __attribute__((nonnull));
/* Where there is no such group: what the platform's default comes to. */
void read_local_proxy_default(struct policy_text *policy, const struct file *file,
                              const config_setting_t *root) __attribute__((nonnull));
/* A URL of that scheme, and printable. Pure. */
bool is_https_url(const char *text) __attribute__((nonnull, warn_unused_result));

void read_agent(struct policy_text *policy, const struct file *file, const config_setting_t *group)
    __attribute__((nonnull));
void read_messages(struct policy_text *policy, const struct file *file, const config_setting_t *list)
    __attribute__((nonnull));

/* The root of pinshim.conf. */
void read_device(struct policy_text *policy, const struct file *file, const config_setting_t *root)
    __attribute__((nonnull));

/* A root that holds a part of pinshim.conf's `domains`, and nothing else. */
void read_device_domains(struct policy_text *policy, const struct file *file, const config_setting_t *root)
    __attribute__((nonnull));

/* Who may write the policy's files that lie in this folder (absolute). */
enum file_guard read_guard(enum policy_use use, const char *folder) __attribute__((nonnull));

/* As file_fault, of the file or folder at `path`; NULL, too, where it can't be looked at. */
const char *read_fault(const char *path, enum file_guard guard) __attribute__((nonnull));

/* The whole of a regular file, its last line with a line end, a NUL behind it: the caller's to free. NULL
 * with errno. */
char *read_text(const char *path, size_t *length) __attribute__((nonnull));

/* Adds the roots at `path` (absolute) that the administrator put there: a PEM file, or a folder, in which
 * files named *.crt and *.pem count. What can't be read, or isn't root's, is told and left out. */
void read_roots(struct certificates *roots, const struct file *file, const config_setting_t *setting,
                const char *path) __attribute__((nonnull));

/* Adds the certificates of the files that a list of strings names. */
void read_certificates(struct certificates *certificates, const struct file *file,
                       const config_setting_t *strings) __attribute__((nonnull(1, 2)));

/* A path of the file, absolute; the caller's to free, NULL where memory is out. */
char *read_path(const struct file *file, const char *path) __attribute__((nonnull));

#endif
