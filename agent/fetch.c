/* The fetcher: an unprivileged process that speaks HTTPS to the server of bundles, under the shim. */
#include "agent/fetch_job.h"
#include "agent/https.h"
#include "bundle/envelope.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { REDIRECTS = 3 };

struct response {
    size_t size;
    char etag[ETAG_SIZE];
};

/* Anything but `size * count` ends the transfer. */
static size_t keep_body(char *bytes, size_t size, size_t count, void *argument)
{
    struct response *response = argument;
    const size_t length = size * count;
    if (response->size + length > BUNDLE_SIZE_LIMIT)
        return 0;
    for (size_t done = 0; done < length;) {
        const ssize_t written = write(FETCH_BODY, bytes + done, length - done);
        if (written <= 0)
            return 0;
        done += (size_t)written;
    }
    response->size += length;
    return length;
}

/* A line of the header; a response that redirects has one of its own before. */
static size_t keep_etag(char *line, size_t size, size_t count, void *argument)
{
    static const char name[] = "etag:";
    struct response *response = argument;
    size_t length = size * count;
    if (length >= 5 && strncmp(line, "HTTP/", 5) == 0)
        response->etag[0] = '\0';
    if (length < sizeof name || strncasecmp(line, name, sizeof name - 1) != 0)
        return size * count;
    line += sizeof name - 1;
    length -= sizeof name - 1;
    while (length > 0 && (*line == ' ' || *line == '\t')) {
        line++;
        length--;
    }
    while (length > 0 && (unsigned char)line[length - 1] <= ' ')
        length--;
    if (length < ETAG_SIZE) {
        memcpy(response->etag, line, length);
        response->etag[length] = '\0';
    }
    return size * count;
}

static bool prepare(CURL *curl, const char *url, struct curl_slist *headers, struct response *response)
{
    return https_prepare(curl, url, headers) &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, (long)BUNDLE_SIZE_LIMIT) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, response) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep_etag) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERDATA, response) == CURLE_OK;
}

static const char *reason(CURLcode code)
{
    return code == CURLE_WRITE_ERROR || code == CURLE_FILESIZE_EXCEEDED ? "it is larger than 16 MB"
                                                                        : curl_easy_strerror(code);
}

static void fetch(CURL *curl, const char *url, struct curl_slist *headers)
{
    struct response response = {0};
    long status = 0;
    const CURLcode code =
        prepare(curl, url, headers, &response) ? curl_easy_perform(curl) : CURLE_FAILED_INIT;
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK && code != CURLE_HTTP_RETURNED_ERROR)
        printf("failed %s\n", reason(code));
    else if (status == 304)
        puts("unchanged");
    else if (status == 200)
        printf("new %s\n", response.etag);
    else
        printf("failed the server answers %ld\n", status);
}

int fetch_main(int argc, char **argv)
{
    char condition[ETAG_SIZE + 32];
    if (argc != 3)
        return 2;
    (void)snprintf(condition, sizeof condition, "If-None-Match: %s", argv[2]);
    CURL *curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
    struct curl_slist *headers = argv[2][0] ? curl_slist_append(NULL, condition) : NULL;
    if (!curl)
        puts("failed there is no memory");
    else
        fetch(curl, argv[1], headers);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    curl_global_cleanup();
    return fflush(stdout) == 0 ? 0 : 1;
}
