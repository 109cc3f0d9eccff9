/* A small HTTPS client over GnuTLS: gnutls HOST PORT CAFILE
 *
 * It pins nothing by itself. Run it under `pinshim run`, and gnutls_handshake fails where the policy says so,
 * as it would for any certificate that GnuTLS rejects.
 */
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int connect_to(const char *host, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses;
    int fd = -1;
    if (getaddrinfo(host, port, &hints, &addresses) != 0)
        return -1;
    for (const struct addrinfo *a = addresses; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(addresses);
    return fd;
}

/* The server must show a certificate for HOST that leads to a root in the credentials. */
static int prepare(gnutls_session_t session, gnutls_certificate_credentials_t credentials, const char *host)
{
    int result = gnutls_set_default_priority(session);
    if (result == 0)
        result = gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
    if (result == 0)
        result = gnutls_server_name_set(session, GNUTLS_NAME_DNS, host, strlen(host));
    gnutls_session_set_verify_cert(session, host, 0);
    return result;
}

/* The library's code: below 0 it is an error. */
static long get(gnutls_session_t session, const char *host)
{
    char text[4096];
    long result;
    do
        result = gnutls_handshake(session);
    while (result < 0 && !gnutls_error_is_fatal((int)result));
    if (result == 0) {
        const int length = snprintf(text, sizeof text, "GET / HTTP/1.0\r\nHost: %s\r\n\r\n", host);
        result = gnutls_record_send(session, text, (size_t)length);
    }
    while (result > 0 || (result < 0 && !gnutls_error_is_fatal((int)result))) {
        result = gnutls_record_recv(session, text, sizeof text);
        if (result > 0)
            fwrite(text, 1, (size_t)result, stdout);
    }
    return result;
}

int main(int argc, char **argv)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t session;
    if (argc != 4) {
        fprintf(stderr, "usage: %s HOST PORT CAFILE\n", argv[0]);
        return 2;
    }
    if (gnutls_certificate_allocate_credentials(&credentials) != 0 ||
        gnutls_init(&session, GNUTLS_CLIENT) != 0)
        return 1;
    long result = gnutls_certificate_set_x509_trust_file(credentials, argv[3], GNUTLS_X509_FMT_PEM);
    if (result >= 0)
        result = prepare(session, credentials, argv[1]);
    const int fd = connect_to(argv[1], argv[2]);
    if (fd < 0)
        fprintf(stderr, "%s: can't connect to port %s\n", argv[1], argv[2]);
    else if (result == 0) {
        gnutls_transport_set_int(session, fd);
        result = get(session, argv[1]);
        /* Some servers end without saying so in TLS. */
        if (result == GNUTLS_E_PREMATURE_TERMINATION)
            result = 0;
    }
    if (result < 0)
        fprintf(stderr, "%s: %s\n", argv[1], gnutls_strerror((int)result));
    gnutls_deinit(session);
    gnutls_certificate_free_credentials(credentials);
    if (fd >= 0)
        close(fd);
    return fd < 0 || result < 0;
}
