#include "shim/policy.h"

#include "shim/event.h"
#include "shim/personas.h"
#include "shim/policy_source.h"
#include "shim/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RELOAD_INTERVAL = 1 }; /* seconds between two looks at the file, at most one in each */

/* What this process obeys. Set by policy_start, then constant, but for what the one reloading thread owns. */
static struct {
    _Atomic int started; /* 0: not, 1: being started, 2: yes */
    struct policy_source source;
    bool report; /* `pinshim run --report`: whatever the policy's own action is */
    _Atomic int64_t next_look;
    atomic_flag reloading;
    struct policy first;
} obeyed = {.reloading = ATOMIC_FLAG_INIT};

static _Atomic(struct policy *) current;

static int64_t seconds_now(void)
{
    struct timespec now;
    return clock_gettime(CLOCK_MONOTONIC_COARSE, &now) == 0 ? now.tv_sec : 0;
}

/* An object that nobody uses: the current one apart, one without references. Its image is closed here, late
 * and in one place. A handshake that still holds a stale pointer touches `refs` alone (policy_acquire), so
 * that an object can be reused, but never be freed. */
static struct policy *unused_policy(void)
{
    struct policy *last = &obeyed.first;
    for (struct policy *p = &obeyed.first; p; last = p, p = p->next) {
        if (p == atomic_load(&current) || atomic_load(&p->refs) != 0)
            continue;
        if (p->mapped)
            image_close(&p->image);
        free((void *)p->applied.bits);
        p->mapped = p->refused = p->report = false;
        p->applied = (struct applied_personas){0};
        p->image = (struct image){0};
        atomic_store(&p->settled, 0);
        return p;
    }
    return last->next = calloc(1, sizeof *last);
}

static void report(const struct policy *policy, enum event_kind kind, const char *detail)
{
    struct event event = {.kind = kind, .detail = detail, .path = obeyed.source.path};
    event_emit(policy, &event);
}

/* Puts an image in force. NULL: there is no memory for it. */
static struct policy *put_in_force(struct image *image)
{
    struct policy *policy = unused_policy();
    if (!policy) {
        image_close(image);
        return NULL;
    }
    policy->image = *image;
    policy->mapped = true;
    policy->report = obeyed.report || image->header.action == ACTION_REPORT;
    atomic_store(&current, policy);
    return policy;
}

static void refuse(const char *error)
{
    static struct policy without_memory = {.refused = true};
    struct policy *policy = unused_policy();
    if (!policy)
        policy = &without_memory;
    policy->refused = true;
    atomic_store(&current, policy);
    report(policy, EVENT_POLICY_REJECTED, error);
}

/* The installed image comes before PINSHIM_CONFIG, unless it allows to be overridden. True: it is in force
 * (or refused), and nothing else counts. */
static bool start_installed(const char *named)
{
    struct image image;
    char error[POLICY_ERROR_SIZE];
    obeyed.source.installed = true;
    text_set(obeyed.source.path, sizeof obeyed.source.path, POLICY_INSTALLED);
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
    const struct policy *policy = put_in_force(&image);
    if (error[0])
        report(policy, EVENT_POLICY_REJECTED, error);
    if (named)
        report(policy, EVENT_POLICY_REJECTED,
               "PINSHIM_CONFIG is ignored: the installed policy doesn't allow it");
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
    if (reported)
        named = reported;
    obeyed.source.installed = false;
    text_set(obeyed.source.path, sizeof obeyed.source.path, named);
    if (strlen(named) >= sizeof obeyed.source.path) {
        refuse("the path is too long");
        return;
    }
    if (policy_source_load(&obeyed.source, &image, error) != POLICY_LOADED) {
        refuse(error);
        return;
    }
    const struct policy *policy = put_in_force(&image);
    if (error[0])
        report(policy, EVENT_POLICY_REJECTED, error);
}

void policy_start(void)
{
    int expected = 0;
    if (atomic_compare_exchange_strong(&obeyed.started, &expected, 1)) {
        const char *named = secure_getenv("PINSHIM_CONFIG"); /* NULL in a set-uid process */
        if (named && !named[0])
            named = NULL;
        if (!start_installed(named) && named)
            start_named(named);
        atomic_store(&obeyed.next_look, seconds_now() + RELOAD_INTERVAL);
        atomic_store(&obeyed.started, 2);
    }
    while (atomic_load(&obeyed.started) != 2)
        ; /* another thread is at it: before main, and for some microseconds */
}

/* Takes a replaced file up; a bad one leaves what is in force, with one event. Where what is in force has
 * been `cut` under our hands, it can't stay. */
static void reload(bool cut)
{
    if (!cut && !policy_source_changed(&obeyed.source))
        return;
    struct image image;
    char error[POLICY_ERROR_SIZE];
    const struct policy *before = cut ? NULL : atomic_load(&current);
    const enum policy_load load = policy_source_load(&obeyed.source, &image, error);
    if (load == POLICY_ABSENT && !cut)
        return;
    if (load == POLICY_LOADED && (cut || !error[0])) {
        const struct policy *policy = put_in_force(&image);
        if (policy)
            report(policy, error[0] ? EVENT_POLICY_REJECTED : EVENT_POLICY_LOADED, error);
        else if (cut)
            refuse("no memory for the policy");
        return;
    }
    if (load == POLICY_LOADED) /* the image before it: no news where something is in force */
        image_close(&image);
    if (before)
        report(before, EVENT_POLICY_REJECTED, error);
    else
        refuse(error);
}

/* `cut`: at once, instead of what is in force; else once a second, by one thread while the others go on. */
static void look_for_replacement(bool cut)
{
    const int64_t now = seconds_now();
    if (!cut && now < atomic_load_explicit(&obeyed.next_look, memory_order_relaxed))
        return;
    while (atomic_flag_test_and_set(&obeyed.reloading))
        if (!cut)
            return;
    const struct policy *policy = atomic_load(&current);
    cut = cut && policy_source_is_cut(&obeyed.source, &policy->image); /* not by another thread yet */
    reload(cut);
    atomic_store(&obeyed.next_look, now + RELOAD_INTERVAL);
    atomic_flag_clear(&obeyed.reloading);
}

/* Finds the personas that apply, once: one thread does, and the others wait for those microseconds. Where it
 * can't, nothing can be allowed by the policy. */
static void settle(struct policy *policy)
{
    int expected = 0;
    if (atomic_compare_exchange_strong(&policy->settled, &expected, 1)) {
        if (policy->mapped && !personas_apply(&policy->image, &policy->applied)) {
            policy->refused = true;
            policy->report = false;
        }
        atomic_store(&policy->settled, 2);
    }
    while (atomic_load(&policy->settled) != 2)
        ;
}

/* Counts a reader in; NULL where the policy was replaced meanwhile. */
static struct policy *enter(struct policy *policy)
{
    atomic_fetch_add(&policy->refs, 1);
    /* Still in force, so not reused before the count was seen; else it may be: count back. */
    if (atomic_load(&current) == policy)
        return policy;
    atomic_fetch_sub(&policy->refs, 1);
    return NULL;
}

const struct policy *policy_acquire(void)
{
    policy_start();
    look_for_replacement(false);
    for (;;) {
        struct policy *policy = atomic_load(&current);
        if (!policy)
            return NULL;
        if (!enter(policy))
            continue;
        if (!policy_source_is_cut(&obeyed.source, &policy->image)) {
            if (atomic_load(&policy->settled) != 2)
                settle(policy);
            return policy;
        }
        policy_release(policy);
        look_for_replacement(true);
    }
}

void policy_release(const struct policy *policy)
{
    if (policy)
        atomic_fetch_sub(&((struct policy *)policy)->refs, 1);
}

void policy_after_fork(void)
{
    for (struct policy *p = &obeyed.first; p; p = p->next) {
        int unfinished = 1; /* by a thread that the child hasn't got */
        (void)atomic_compare_exchange_strong(&p->settled, &unfinished, 0);
    }
    atomic_flag_clear(&obeyed.reloading);
}
