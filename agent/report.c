/* The reporter: an unprivileged process that posts events to the server of events.report_url, under the shim.
 */
#include "agent/fetch_job.h"
#include "agent/https.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sends what is read; rewinds where libcurl has to begin again. */
static size_t give_body(char *bytes, size_t size, size_t count, void *argument)
{
    (void)argument;
    const ssize_t got = read(FETCH_BODY, bytes, size * count);
    return got < 0 ? CURL_READFUNC_ABORT : (size_t)got;
}

static int rewind_body(void *argument, curl_off_t offset, int origin)
{
    (void)argument;
    return lseek(FETCH_BODY, offset, origin) < 0 ? CURL_SEEKFUNC_FAIL : CURL_SEEKFUNC_OK;
}

/* Of no interest; but a server doesn't get to talk without end. */
static size_t ignore_body(char *bytes, size_t size, size_t count, void *argument)
{
    enum { MOST = 64 * 1024 };
    size_t *total = argument;
    (void)bytes;
    *total += size * count;
    return *total > MOST ? 0 : size * count;
}

static bool prepare(CURL *curl, const char *url, struct curl_slist *headers, size_t *total)
{
    struct stat status;
    return headers && https_prepare(curl, url, headers) && fstat(FETCH_BODY, &status) == 0 &&
           lseek(FETCH_BODY, 0, SEEK_SET) == 0 && curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)status.st_size) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, rewind_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, total) == CURLE_OK;
}

static void post(CURL *curl, const char *url, struct curl_slist *headers)
{
    long status = 0;
    size_t total = 0;
    const CURLcode code = prepare(curl, url, headers, &total) ? curl_easy_perform(curl) : CURLE_FAILED_INIT;
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK && code != CURLE_HTTP_RETURNED_ERROR)
        printf("failed %s\n", curl_easy_strerror(code));
    else if (status >= 200 && status < 300)
        puts("unchanged");
    else
        printf("failed the server answers %ld\n", status);
}

int report_main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    CURL *curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/x-ndjson");
    if (!curl)
        puts("failed there is no memory");
    else
        post(curl, argv[1], headers);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return fflush(stdout) == 0 ? 0 : 1;
}
