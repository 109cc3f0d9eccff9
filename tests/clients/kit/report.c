#include "tests/clients/kit/kit.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

/* Empties the queue into "lib:reason,lib:reason". */
void report_errors(struct seen *seen)
{
    size_t length = 0;
    seen->queue[0] = '\0';
    for (unsigned long error; (error = ERR_get_error());) {
        const int n = snprintf(seen->queue + length, QUEUE_SIZE - length, "%s%d:%d", length ? "," : "",
                               ERR_GET_LIB(error), ERR_GET_REASON(error));
        if (n > 0 && (size_t)n < QUEUE_SIZE - length)
            length += (size_t)n;
    }
}

static int chain_length(const STACK_OF(X509) * chain)
{
    return chain ? sk_X509_num(chain) : 0;
}

void report_print(const struct connection *connection)
{
    const struct seen *seen = &connection->seen;
    SSL *ssl = connection->ssl;
    char line[TRACE_SIZE + QUEUE_SIZE + 1024];
    int n = snprintf(
        line, sizeof line,
        "connection=%d handshake=%s ssl_error=%d queue=%s errno=%d queued=%d verify_result=%ld "
        "verify_mode=%d reused=%d protocol=%s cipher=%s served=%d verified=%d sent=%ld received=%ld "
        "early=%s info_getter=%s",
        connection->number, seen->handshake ? "ok" : "failed", seen->ssl_error,
        seen->queue[0] ? seen->queue : "-", seen->system_error, seen->queued, SSL_get_verify_result(ssl),
        SSL_get_verify_mode(ssl), SSL_session_reused(ssl), SSL_get_version(ssl), SSL_get_cipher_name(ssl),
        chain_length(SSL_get_peer_cert_chain(ssl)), chain_length(SSL_get0_verified_chain(ssl)), seen->sent,
        seen->received, seen->early ? seen->early : "-", seen->info_getter ? "same" : "other");
    if (seen->forced_tried)
        n += snprintf(line + n, sizeof line - (size_t)n, " forced=%d,%d", seen->forced[0], seen->forced[1]);
    snprintf(line + n, sizeof line - (size_t)n, " trace=%s", seen->trace[0] ? seen->trace : "-");
    puts(line);
    fflush(stdout);
}
