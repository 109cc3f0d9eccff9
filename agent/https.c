#include "agent/https.h"

enum {
    TIME_LIMIT = 60, /* seconds in all */
    CONNECT_LIMIT = 10,
    SLOW = 512, /* bytes a second; after SLOW_TIME seconds of less it is given up */
    SLOW_TIME = 15,
};

/* No other scheme, here or after a redirect; no encoding that grows. */
bool https_prepare(CURL *curl, const char *url, struct curl_slist *headers)
{
    return curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_LIMIT) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIME_LIMIT) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_TIME) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, "pinshim-agent/" PINSHIM_VERSION) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
}
