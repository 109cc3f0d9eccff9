#include "shim/judge.h"

#include "shim/policy_in_force.h"
#include "shim/policy_load.h"
#include "shim/process_status.h"
#include "shim/trial.h"

static void tell(const struct trial *trial, enum event_kind kind, enum verdict verdict)
{
    struct event event = {
        .kind = kind,
        .verdict = verdict,
        .host = trial->host,
        .port = trial->backend->port(trial->peer),
        .library = trial->backend->library,
        .served = trial->served,
        .verified = trial->verified,
    };
    if (trial->covered) {
        event.service = service_name(trial->rule.service);
        event.rule = trial->rule.name;
        event.expected.count = rule_pins(&trial->rule, event.expected.pins, EVENT_PINS);
    }
    event_emit(trial->policy, &event);
}

static enum enforcement conclude(const struct trial *trial, enum verdict verdict)
{
    if (verdict == VERDICT_NOT_PINNED)
        return ENFORCE_ALLOW;
    if (verdict_is_violation(verdict)) {
        const bool report = trial->policy->report;
        process_status_verdict(trial->host, verdict, report ? OUTCOME_REPORTED : OUTCOME_REFUSED);
        tell(trial, report ? EVENT_WOULD_TERMINATE : EVENT_UNTRUSTED_CONNECTION, verdict);
        return report ? ENFORCE_REPORT : ENFORCE_REFUSE;
    }
    process_status_verdict(trial->host, verdict, OUTCOME_ALLOWED);
    if (verdict == VERDICT_PROXY_MATCH || verdict == VERDICT_LOCAL_PROXY_MATCH)
        tell(trial, EVENT_PROXY_USED, verdict);
    else if (verdict == VERDICT_PINS_EXPIRED)
        tell(trial, EVENT_PINS_EXPIRED, verdict);
    return ENFORCE_ALLOW;
}

/* Fresher pins may help where there was a certificate. Not where the handshake goes on anyway. */
static bool is_worth_asking(const struct policy *policy, enum verdict verdict)
{
    return policy->installed && !policy->report &&
           (verdict == VERDICT_PIN_MISMATCH || verdict == VERDICT_PIN_UNVERIFIED);
}

/* True where it was asked, or where another policy has come into force since `trial` began. */
static bool inquire(const struct trial *trial, enum verdict verdict, struct inquiry *inquiry)
{
    if (inquiry->answer != AGENT_NOT_ASKED || !is_worth_asking(trial->policy, verdict))
        return false;
    enum agent_answer answer = ask_agent(trial->host);
    if (answer == AGENT_NOT_ASKED) { /* who was asked before may have brought it a moment ago */
        policy_look_for_replacement(true);
        if (policy_in_force() != trial->policy)
            answer = AGENT_ASKED_MEANWHILE;
    }
    *inquiry = (struct inquiry){.answer = answer, .verdict = verdict, .host = trial->host};
    return answer != AGENT_NOT_ASKED;
}

/* One name; refused, for now and without a word, where the agent was asked. */
static enum enforcement judge_name(const struct policy *policy, const char *host,
                                   const struct backend *backend, void *peer, struct inquiry *inquiry)
{
    struct trial trial = {.policy = policy, .host = host, .backend = backend, .peer = peer};
    const enum verdict verdict = trial_judge(&trial);
    return inquire(&trial, verdict, inquiry) ? ENFORCE_REFUSE : conclude(&trial, verdict);
}

/* Where no name can be tried. */
static enum enforcement judge_untried(const struct policy *policy, const struct identity *identity,
                                      const struct backend *backend, void *peer, enum verdict verdict)
{
    const struct trial trial = {
        .policy = policy,
        .host = identity->count ? identity->names[0] : "",
        .backend = backend,
        .peer = peer,
    };
    return conclude(&trial, verdict);
}

enum enforcement judge_identity(const struct policy *policy, const struct identity *identity,
                                const struct backend *backend, void *peer, struct inquiry *inquiry)
{
    if (!policy)
        return ENFORCE_ALLOW;
    if (policy->refused)
        return judge_untried(policy, identity, backend, peer, VERDICT_POLICY_UNREADABLE);
    if (identity->overflow) /* more names than can be looked at, or none kept: unknown means no */
        return judge_untried(policy, identity, backend, peer, VERDICT_PIN_MISMATCH);
    enum enforcement worst = ENFORCE_ALLOW;
    for (size_t i = 0; i < identity->count && worst != ENFORCE_REFUSE; i++) {
        const enum enforcement one = judge_name(policy, identity->names[i], backend, peer, inquiry);
        if (one < worst)
            worst = one;
    }
    return worst;
}

void judge_tell_of_inquiry(const struct policy *policy, const struct inquiry *inquiry,
                           const struct backend *backend, void *peer)
{
    if (inquiry->answer == AGENT_NOT_ASKED || inquiry->answer == AGENT_ASKED_MEANWHILE)
        return; /* who asked tells it */
    const struct event event = {
        .kind = EVENT_REFRESH,
        .verdict = inquiry->verdict,
        .host = inquiry->host,
        .port = backend->port(peer),
        .library = backend->library,
        .detail = agent_answer_text(inquiry->answer),
    };
    event_emit(policy, &event);
}
