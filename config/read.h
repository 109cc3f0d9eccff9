/* The parts of policy_read, one a file: each takes a libconfig setting and fills the policy. */
#ifndef PINSHIM_CONFIG_READ_H
#define PINSHIM_CONFIG_READ_H

#include "config/policy.h"
#include "config/settings.h"

#define KEYS(table) (table), sizeof(table) / sizeof *(table)

/* A `domains` list. `persona`: whose it is, or IMAGE_NO_PERSONA for pinshim.conf. */
void read_domains(struct policy_text *policy, const struct file *file, const config_setting_t *list,
                  uint32_t persona) __attribute__((nonnull));

/* The root of a persona's file. */
void read_persona(struct policy_text *policy, const struct file *file, const config_setting_t *root)
    __attribute__((nonnull));

/* The root of pinshim.conf. */
void read_device(struct policy_text *policy, const struct file *file, const config_setting_t *root)
    __attribute__((nonnull));

/* A root that holds a part of pinshim.conf's `domains`, and nothing else. */
void read_device_domains(struct policy_text *policy, const struct file *file, const config_setting_t *root)
    __attribute__((nonnull));

/* Adds the certificates of the files that a list of strings names. */
void read_certificates(struct certificates *certificates, const struct file *file,
                       const config_setting_t *strings) __attribute__((nonnull(1, 2)));

/* A path of the file, absolute; the caller's to free, NULL where memory is out. */
char *read_path(const struct file *file, const char *path) __attribute__((nonnull));

#endif
