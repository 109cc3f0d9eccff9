/* What each transfer of the agent's keeps to, whatever it is for: HTTPS alone, TLS 1.2 or later, and an end.
 */
#ifndef PINSHIM_AGENT_HTTPS_H
#define PINSHIM_AGENT_HTTPS_H

#include <curl/curl.h>
#include <stdbool.h>

bool https_prepare(CURL *curl, const char *url, struct curl_slist *headers)
    __attribute__((nonnull(1, 2), warn_unused_result));

#endif
