#include "tools/protection.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void say(struct protection *protection, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One clause more. */
static void say(struct protection *protection, const char *format, ...)
{
    const size_t length = strlen(protection->why);
    const char *const separator = length ? "; " : "";
    char clause[sizeof protection->why];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(clause, sizeof clause, format, arguments);
    va_end(arguments);
    snprintf(protection->why + length, sizeof protection->why - length, "%s%s", separator, clause);
}

/* Names each kind of TLS that the library has no hooks for; the number of those that it has. */
static size_t count_hooked(const struct process *process, struct protection *protection)
{
    size_t hooked = 0;
    for (size_t i = 0; i < process->tls_count; i++) {
        const struct process_tls *tls = &process->tls[i];
        bool said = tls->hooked;
        for (size_t before = 0; before < i && !said; before++)
            said = strcmp(process->tls[before].family, tls->family) == 0;
        if (!said && tls->inside)
            say(protection, "TLS built in: %s", tls->family);
        else if (!said)
            say(protection, "no hooks for %s", tls->family);
        hooked += tls->hooked;
    }
    return hooked;
}

static void judge_by_tls(const struct process *process, struct protection *protection)
{
    if (process->tls_count == 0) {
        protection->state = PROTECTION_NO_TLS;
        protection->ready = true;
        say(protection, "nothing to protect so far; what is loaded later will be");
        return;
    }
    const size_t hooked = count_hooked(process, protection);
    if (hooked == 0)
        protection->state = PROTECTION_NO;
    else if (hooked < process->tls_count)
        protection->state = PROTECTION_PARTLY;
    else
        protection->state = PROTECTION_YES;
}

static void judge_by_policy(const struct process *process, struct protection *protection)
{
    switch (process->published.policy) {
    case POLICY_STATE_NONE:
        protection->state = process->tls_count ? PROTECTION_NO : PROTECTION_NO_TLS;
        say(protection, "libpinshim.so is loaded, and no policy was installed or named when it started");
        return;
    case POLICY_STATE_UNREADABLE:
        say(protection, "its policy can't be read: each handshake is refused");
        judge_by_tls(process, protection);
        return;
    case POLICY_STATE_REPORTED:
        say(protection, "violations are reported, and nothing is terminated");
        judge_by_tls(process, protection);
        if (protection->state == PROTECTION_YES)
            protection->state = PROTECTION_REPORTED;
        protection->ready = false;
        return;
    case POLICY_STATE_ENFORCED:
        judge_by_tls(process, protection);
        return;
    }
}

static void judge_with_library(const struct process *process, struct protection *protection)
{
    switch (process->published.publication) {
    case PUBLICATION_HIDDEN:
        say(protection, "libpinshim.so is loaded; not permitted to read what it does");
        break;
    case PUBLICATION_MISSING:
        say(protection, "libpinshim.so is loaded, and tells nothing: too old, or not ours");
        break;
    case PUBLICATION_FOREIGN:
        say(protection, "libpinshim.so is loaded, of another version than this command can read");
        break;
    case PUBLICATION_READ:
        judge_by_policy(process, protection);
        break;
    }
    const char *version = process->published.library_version;
    if (version[0] && strcmp(version, PINSHIM_VERSION) != 0)
        say(protection, "the library is of version %s: what it has hooks for may differ", version);
    if (process->replaced)
        say(protection, "the library's file was replaced or deleted since it was loaded");
}

/* Why the library isn't in it. */
static void explain_absence(const struct process *process, const struct process *parent,
                            struct protection *protection)
{
    if (process->secure)
        say(protection, "set-user-ID, set-group-ID or capabilities: its loader ignored a preload");
    else if (process->refusal)
        say(protection, "%s", process->refusal);
    else if (process->preloads)
        say(protection, "LD_PRELOAD names libpinshim.so, and its loader didn't take it");
    else if (parent && parent->library)
        say(protection, "dropped: started without LD_PRELOAD by %s (%d), which is under the library",
            parent->name, (int)parent->pid);
    else
        say(protection, "started without libpinshim.so in LD_PRELOAD");
}

void protection_judge(const struct process *process, const struct process *parent,
                      struct protection *protection)
{
    *protection = (struct protection){0};
    if (process->look != PROCESS_SEEN) {
        say(protection, process->look == PROCESS_HIDDEN ? "not permitted to look into it" : "it has ended");
        return;
    }
    if (process->library) {
        judge_with_library(process, protection);
        return;
    }
    protection->state = process->tls_count ? PROTECTION_NO : PROTECTION_NO_TLS;
    if (process->tls_count == 0)
        say(protection, "nothing to protect so far");
    explain_absence(process, parent, protection);
    if (process->tls_count && !process->refusal)
        (void)count_hooked(process, protection);
}

bool protection_is_good(const struct protection *protection)
{
    return protection->state == PROTECTION_YES ||
           (protection->state == PROTECTION_NO_TLS && protection->ready);
}

const char *protection_name(enum protection_state state)
{
    switch (state) {
    case PROTECTION_NO:
        return "no";
    case PROTECTION_PARTLY:
        return "partly";
    case PROTECTION_REPORTED:
        return "reported";
    case PROTECTION_NO_TLS:
        return "no TLS";
    case PROTECTION_YES:
        return "yes";
    case PROTECTION_UNKNOWN:
    case PROTECTION_STATES:
        break;
    }
    return "unknown";
}
