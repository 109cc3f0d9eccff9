/* Which personas of a policy apply to a process. */
#include "shim/personas.h"
#include "tests/unit/rules.h"
#include "tests/unit/unit.h"

#include <grp.h>

static unsigned written;

/* The next persona; its index is how many there were. */
static void persona(const char *settings)
{
    char name[64], text[1024];
    snprintf(name, sizeof name, "persona.d/%04u.conf", written++);
    snprintf(text, sizeof text, "persona = { name = \"%s\"; %s };\n", name, settings);
    write_file(name, text);
}

static void remove_personas(void)
{
    char path[256];
    for (unsigned i = 0; i < written; i++) {
        snprintf(path, sizeof path, "%s/persona.d/%04u.conf", folder, i);
        (void)remove(path);
    }
    remove_folder();
}

static bool is_applied(const struct applied_personas *applied, unsigned index)
{
    return applied->bits[index / 8] >> index % 8 & 1;
}

/* A group that this process is in, and one that it isn't. */
static const char *own_group(void)
{
    const struct group *group = getgrgid(getegid());
    ck_assert_ptr_nonnull(group);
    return group->gr_name;
}

static const char *foreign_group(void)
{
    gid_t mine[256];
    const int count = getgroups(256, mine);
    const struct group *group;
    setgrent();
    while ((group = getgrent())) {
        bool held = group->gr_gid == getegid() || group->gr_gid == getgid();
        for (int i = 0; i < count; i++)
            held |= mine[i] == group->gr_gid;
        if (!held)
            break;
    }
    ck_assert_ptr_nonnull(group);
    return group->gr_name;
}

START_TEST(a_policy_without_personas_applies_none)
{
    struct applied_personas applied;
    load_text("version = 1;");
    ck_assert(personas_apply(&image, &applied));
    for (unsigned i = 0; i < IMAGE_PERSONAS; i++)
        ck_assert(!is_applied(&applied, i));
    ck_assert(!applied.validate && !applied.inspection);
}
END_TEST

START_TEST(groups_and_the_device_decide)
{
    char settings[256];
    struct applied_personas applied;
    persona("");
    snprintf(settings, sizeof settings, "user_groups = [\"%s\"];", own_group());
    persona(settings);
    snprintf(settings, sizeof settings, "user_groups = [\"%s\"];", foreign_group());
    persona(settings);
    persona("device_groups = [\"laptops\"];");
    persona("device_groups = [\"phones\"];");
    snprintf(settings, sizeof settings, "user_groups = [\"%s\"]; device_groups = [\"laptops\"];",
             foreign_group());
    persona(settings);
    snprintf(settings, sizeof settings, "user_groups = [\"%s\"]; device_groups = [\"phones\"];", own_group());
    persona(settings);
    persona("user_groups = []; device_groups = [];");
    persona("device_groups = [\"Laptops\"];");
    load_text("version = 1; device = { groups = [\"desks\", \"laptops\"]; };");
    ck_assert(personas_apply(&image, &applied));
    static const bool expected[] = {true, true, false, true, false, true, true, false, false};
    for (unsigned i = 0; i < sizeof expected; i++)
        ck_assert_msg(is_applied(&applied, i) == expected[i], "persona %u", i);
}
END_TEST

START_TEST(only_applied_personas_turn_something_on)
{
    char settings[256];
    struct applied_personas applied;
    snprintf(settings, sizeof settings,
             "user_groups = [\"%s\"]; workplace = { security = { validate_server_certificate = true; }; };",
             _i ? own_group() : foreign_group());
    persona("workplace = { security = { validate_server_certificate = false; }; };");
    persona(settings);
    load_text("version = 1;");
    ck_assert(personas_apply(&image, &applied));
    ck_assert_int_eq(applied.validate, _i);
    ck_assert(!applied.inspection);
}
END_TEST

START_TEST(more_personas_than_a_byte_has_bits)
{
    struct applied_personas applied;
    for (unsigned i = 0; i < 100; i++)
        persona(i % 3 ? "" : "device_groups = [\"phones\"];");
    load_text("version = 1;");
    ck_assert(personas_apply(&image, &applied));
    for (unsigned i = 0; i < 100; i++)
        ck_assert_int_eq(is_applied(&applied, i), i % 3 != 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("personas");
    tcase_add_checked_fixture(tests, make_folder, remove_personas);
    tcase_add_test(tests, a_policy_without_personas_applies_none);
    tcase_add_test(tests, groups_and_the_device_decide);
    tcase_add_loop_test(tests, only_applied_personas_turn_something_on, 0, 2);
    tcase_add_test(tests, more_personas_than_a_byte_has_bits);
    return unit_run("personas", tests);
}
