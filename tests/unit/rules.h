/* A policy of some files, and what it says about a host: for tests of rules and personas. */
#ifndef PINSHIM_TESTS_UNIT_RULES_H
#define PINSHIM_TESTS_UNIT_RULES_H

#include "config/compile.h"
#include "config/rule.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Three pins that differ in their first byte: 4, 8 and 12. */
#define PIN(letter) "\"sha256//" letter "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""
#define PIN_B       PIN("B")
#define PIN_C       PIN("C")
#define PIN_D       PIN("D")

enum { B = 4, C = 8, D = 12, NOW = 1900000000 /* in March 2030 */ };

static char folder[] = "/tmp/pinshim-rule-XXXXXX";
static struct image image;

static inline void write_file(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void make_folder(void)
{
    char path[256];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/persona.d", folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
}

static inline void remove_folder(void)
{
    static const char *const names[] = {"persona.d/a.conf", "persona.d/b.conf", "persona.d", "main.conf",
                                        "."};
    char path[256];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)remove(path);
    }
    (void)rmdir(folder);
}

/* Compiles the folder's policy to the image under test. */
static inline void load(void)
{
    char path[256];
    struct diagnostics diagnostics = {0};
    const int fd = memfd_create("image", MFD_CLOEXEC);
    snprintf(path, sizeof path, "%s/main.conf", folder);
    const bool compiled =
        policy_compile(&(struct compilation){.path = path, .image_fd = fd, .files_fd = -1}, &diagnostics);
    diagnostics_print(&diagnostics, stderr);
    diagnostics_free(&diagnostics);
    ck_assert(compiled);
    ck_assert_int_eq(image_open(&image, fd), IMAGE_OK);
    ck_assert_int_eq(image_verify(&image), IMAGE_OK);
    close(fd);
}

static inline void load_text(const char *text)
{
    write_file("main.conf", text);
    load();
}

static inline void load_domains(const char *domains)
{
    char text[4096];
    ck_assert_int_lt(snprintf(text, sizeof text, "version = 1;\ndomains = (%s);\n", domains), sizeof text);
    load_text(text);
}

/* `personas` as bits; B.. stand for their first bytes. */
static inline enum rule_status resolve(const char *name, uint8_t personas, bool validate, int64_t now,
                                       struct rule *rule)
{
    static struct applied_personas applied; /* the rule views it */
    applied = (struct applied_personas){.bits = {personas}, .validate = validate};
    return rule_resolve(&image, &applied, name, now, rule);
}

/* By which entry a name is covered, NULL for none. */
static inline void expect_entry(const char *name, const char *entry)
{
    struct rule rule;
    const enum rule_status status = resolve(name, 0, false, NOW, &rule);
    ck_assert_msg(status == (entry ? RULE_FOUND : RULE_NONE), "%s: %d", name, status);
    if (entry)
        ck_assert_str_eq(rule.name, entry);
}

static inline struct pin pin_of(uint8_t first)
{
    return (struct pin){{first}};
}

/* The rule's pins are those of `firsts`, which ends in 0. */
static inline void expect_pins(const struct rule *rule, const uint8_t *firsts)
{
    static const uint8_t all[] = {B, C, D};
    struct pin pins[8];
    ck_assert_uint_eq(rule_pins(rule, pins, 8), strlen((const char *)firsts));
    for (size_t i = 0; i < sizeof all; i++) {
        const struct pin pin = pin_of(all[i]);
        ck_assert_int_eq(rule_holds_pin(rule, &pin), strchr((const char *)firsts, all[i]) != NULL);
    }
}

static inline void load_personas(const char *main_domains, const char *a, const char *b)
{
    write_file("persona.d/a.conf", a);
    if (b)
        write_file("persona.d/b.conf", b);
    load_domains(main_domains);
}

#endif
