#include "shim/verdict.h"

enum verdict verdict_judge(const struct verdict_rule *rule, const struct evidence *evidence)
{
    if (!rule->pinned)
        return VERDICT_NOT_PINNED;
    if (rule->expired_open)
        return VERDICT_PINS_EXPIRED;
    if (!evidence->certificate)
        return VERDICT_NO_CERTIFICATE;
    if (evidence->leaf_pinned)
        return VERDICT_LEAF_MATCH;
    if (evidence->path_pinned)
        return VERDICT_CHAIN_MATCH;
    if (evidence->path_to_proxy_root && rule->inspectable && rule->inspection)
        return VERDICT_PROXY_MATCH;
    if (evidence->path_to_local_root && rule->inspectable && rule->local_proxy)
        return VERDICT_LOCAL_PROXY_MATCH;
    if (evidence->seen_pinned)
        return VERDICT_PIN_UNVERIFIED;
    return VERDICT_PIN_MISMATCH;
}

bool verdict_is_violation(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_NOT_PINNED:
    case VERDICT_PINS_EXPIRED:
    case VERDICT_LEAF_MATCH:
    case VERDICT_CHAIN_MATCH:
    case VERDICT_PROXY_MATCH:
    case VERDICT_LOCAL_PROXY_MATCH:
        return false;
    case VERDICT_PIN_MISMATCH:
    case VERDICT_PIN_UNVERIFIED:
    case VERDICT_NO_CERTIFICATE:
    case VERDICT_POLICY_UNREADABLE:
        break;
    }
    return true;
}

const char *verdict_name(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PIN_MISMATCH:
        return "pin-mismatch";
    case VERDICT_PIN_UNVERIFIED:
        return "pin-unverified";
    case VERDICT_NO_CERTIFICATE:
        return "no-certificate";
    case VERDICT_POLICY_UNREADABLE:
        return "policy-unreadable";
    case VERDICT_NOT_PINNED:
        return "not-pinned";
    case VERDICT_PINS_EXPIRED:
        return "pins-expired";
    case VERDICT_LEAF_MATCH:
        return "leaf-match";
    case VERDICT_CHAIN_MATCH:
        return "chain-match";
    case VERDICT_PROXY_MATCH:
        return "proxy-match";
    case VERDICT_LOCAL_PROXY_MATCH:
        return "local-proxy-match";
    }
    return "unknown";
}
