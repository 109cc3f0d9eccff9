#include "shim/policy_load.h"

#include "shim/ask_agent.h"
#include "shim/event.h"
#include "shim/policy.h"
#include "shim/policy_in_force.h"
#include "shim/policy_source.h"
#include "shim/sleep.h"
#include "shim/system.h"
#include "shim/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    RELOAD_INTERVAL = 1, /* seconds between two looks at the file, at most one in each */
    LONGEST_PAUSE = 64   /* seconds between two attempts to load what can't be loaded */
};

/* Set by policy_start; then the one loading thread's, but for the atomic ones and `named`. */
static struct {
    _Atomic int started;      /* 0: not, 1: being started, 2: yes */
    char named[PATH_MAX + 1]; /* what PINSHIM_CONFIG says; empty: nothing */
    bool report;              /* `pinshim run --report`: whatever that policy's own action is */
    struct policy_source source;
    _Atomic int64_t next_look;
    _Atomic bool loading;
    bool failed; /* the last load has: another is due at `next_try`, whether the file changes or not */
    int64_t next_try;
    int pause;           /* until then, twice as long each time */
    uint64_t told_stamp; /* of the failure that was told last, and its text */
    char told[POLICY_ERROR_SIZE];
} obeyed;

static void report(enum event_kind kind, const char *detail)
{
    struct event event = {.kind = kind, .detail = detail, .path = obeyed.source.path};
    event_emit(policy_in_force(), &event);
}

/* Where nothing but a refusal is in force, each look tries again. */
static void fail(void)
{
    const struct policy *policy = policy_in_force();
    obeyed.pause = !obeyed.failed || !policy || policy->refused ? RELOAD_INTERVAL : obeyed.pause * 2;
    if (obeyed.pause > LONGEST_PAUSE)
        obeyed.pause = LONGEST_PAUSE;
    obeyed.next_try = system_uptime() + obeyed.pause;
    obeyed.failed = true;
}

/* One event for what goes on failing in the same way. */
static void fail_and_tell(const char *error)
{
    fail();
    if (obeyed.source.stamp == obeyed.told_stamp && memcmp(obeyed.told, error, strlen(error) + 1) == 0)
        return;
    obeyed.told_stamp = obeyed.source.stamp;
    text_set(obeyed.told, sizeof obeyed.told, error);
    report(EVENT_POLICY_REJECTED, error);
}

static void refuse(const char *error)
{
    policy_refuse();
    fail_and_tell(error);
}

/* Where nothing, or nothing good, is in force. `error`: empty, or why it is the image before. */
static void put_in_force(struct image *image, const char *error)
{
    if (!policy_put_in_force(image, obeyed.source.installed, obeyed.report, false))
        refuse("no memory for the policy");
    if (error[0])
        fail_and_tell(error);
}

/* The installed image comes before PINSHIM_CONFIG, unless it allows to be overridden. True: it is in force
 * (or refused), and nothing else counts. */
static bool start_installed(const char *named)
{
    struct image image;
    char error[POLICY_ERROR_SIZE];
    obeyed.report = false;
    obeyed.source.installed = true;
    obeyed.source.path = POLICY_INSTALLED;
    switch (policy_source_load(&obeyed.source, &image, error)) {
    case POLICY_ABSENT:
        return !named;
    case POLICY_BAD:
        refuse(error);
        return true;
    case POLICY_LOADED:
        break;
    }
    if (named && image.header.allow_override) {
        image_close(&image);
        return false;
    }
    put_in_force(&image, error);
    if (named)
        report(EVENT_POLICY_REJECTED, "PINSHIM_CONFIG is ignored: the installed policy doesn't allow it");
    return true;
}

/* What stands behind the prefix; NULL where the text doesn't start with it. */
static const char *behind(const char *text, const char *prefix)
{
    while (*prefix && *text == *prefix)
        text++, prefix++;
    return *prefix ? NULL : text;
}

static void start_named(const char *named)
{
    struct image image;
    char error[POLICY_ERROR_SIZE];
    const char *reported = behind(named, POLICY_REPORT_PREFIX);
    obeyed.report = reported != NULL;
    obeyed.source.installed = false;
    obeyed.source.path = reported ? reported : named;
    if (strlen(obeyed.source.path) >= PATH_MAX) {
        refuse("the path is too long");
        return;
    }
    if (policy_source_load(&obeyed.source, &image, error) == POLICY_LOADED)
        put_in_force(&image, error);
    else
        refuse(error);
}

static void start(void)
{
    const char *named = obeyed.named[0] ? obeyed.named : NULL;
    obeyed.failed = false;
    if (!start_installed(named) && named)
        start_named(named);
}

void policy_start(void)
{
    int expected = 0;
    if (atomic_compare_exchange_strong(&obeyed.started, &expected, 1)) {
        const char *named = system_variable("PINSHIM_CONFIG");
        if (named)
            text_set(obeyed.named, sizeof obeyed.named, named);
        start();
        if (obeyed.failed) /* maybe for lack of what there is again when the first handshake starts */
            obeyed.next_try = 0;
        else
            atomic_store(&obeyed.next_look, system_uptime() + RELOAD_INTERVAL);
        atomic_store(&obeyed.started, 2);
    }
    while (atomic_load(&obeyed.started) != 2)
        sleep_briefly(); /* another thread is at it: before main, and for some microseconds */
}

/* Where nothing good is in force, which file it is to be is found out again, too. */
static void start_again(void)
{
    const struct policy *before = policy_in_force();
    start();
    const struct policy *policy = policy_in_force();
    if (policy && policy != before && !policy->refused)
        report(EVENT_POLICY_LOADED, "");
}

/* A bad replacement leaves what is in force, with one event. */
static void replace(void)
{
    struct image image;
    char error[POLICY_ERROR_SIZE];
    switch (policy_source_load(&obeyed.source, &image, error)) {
    case POLICY_ABSENT:
        return;
    case POLICY_BAD:
        fail_and_tell(error);
        return;
    case POLICY_LOADED:
        break;
    }
    if (error[0]) { /* the image before it: no news where something is in force */
        image_close(&image);
        fail_and_tell(error);
    } else if (policy_put_in_force(&image, obeyed.source.installed, obeyed.report, true)) {
        obeyed.failed = false;
        report(EVENT_POLICY_LOADED, "");
    } else {
        fail_and_tell("it can't be told which personas apply");
    }
}

static void reload(enum policy_condition condition)
{
    const bool failed = obeyed.failed || condition == POLICY_CONDITION_REFUSED;
    const bool due = failed && system_uptime() >= obeyed.next_try;
    if (!due && !policy_source_changed(&obeyed.source))
        return;
    if (condition == POLICY_CONDITION_GOOD)
        replace();
    else
        start_again();
}

bool policy_is_cut(const struct policy *policy)
{
    return policy_source_is_cut(&obeyed.source, &policy->image);
}

const struct policy *policy_follow_groups(const struct policy *policy)
{
    while (atomic_exchange(&obeyed.loading, true))
        sleep_briefly();
    const struct policy *settled = policy_settle_anew(policy);
    atomic_store(&obeyed.loading, false);
    return settled;
}

void policy_look_for_replacement(bool at_once)
{
    const int64_t now = system_uptime();
    if (!at_once && now < atomic_load_explicit(&obeyed.next_look, memory_order_relaxed))
        return;
    while (atomic_exchange(&obeyed.loading, true)) {
        if (!at_once)
            return; /* another thread is at it, and what is in force does until then */
        sleep_briefly();
    }
    const enum policy_condition condition = policy_condition();
    if (condition == POLICY_CONDITION_CUT) { /* even to tell of it would be to read it */
        policy_refuse();
        start_again();
    } else {
        reload(condition);
    }
    atomic_store(&obeyed.next_look, now + RELOAD_INTERVAL);
    atomic_store(&obeyed.loading, false);
}

void policy_after_fork(void)
{
    policy_settle_after_fork();
    ask_agent_after_fork();
    if (!atomic_load(&obeyed.loading))
        return;
    /* By a thread that isn't here: how far it came can't be told. */
    obeyed.failed = true;
    obeyed.next_try = 0;
    atomic_store(&obeyed.next_look, 0);
    atomic_store(&obeyed.loading, false);
}
