/* A client of GnuTLS to be counted: handshakes with a server on this machine, each verified for HOST in its
 * midst, as most programs do after it.
 *
 * usage: gnutls PORT HOST CAFILE HANDSHAKES
 * Status: 0 all succeeded, 1 one failed, 2 usage.
 */
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(const char *port)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
    };
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        exit(1);
    return fd;
}

__attribute__((noipa)) static bool shake_hands(gnutls_certificate_credentials_t credentials, const char *port,
                                               const char *host)
{
    gnutls_session_t session;
    const int fd = connect_to(port);
    if (gnutls_init(&session, GNUTLS_CLIENT) < 0)
        return false;
    const bool ok = gnutls_priority_set_direct(session, "NORMAL:-VERS-ALL:+VERS-TLS1.3", NULL) == 0 &&
                    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials) == 0 &&
                    gnutls_server_name_set(session, GNUTLS_NAME_DNS, host, strlen(host)) == 0;
    gnutls_session_set_verify_cert(session, host, 0);
    gnutls_transport_set_int(session, fd);
    const bool done = ok && gnutls_handshake(session) == 0;
    if (done)
        (void)gnutls_bye(session, GNUTLS_SHUT_WR);
    gnutls_deinit(session);
    (void)close(fd);
    return done;
}

int main(int argc, char **argv)
{
    gnutls_certificate_credentials_t credentials;
    bool ok = true;
    if (argc != 5)
        return 2;
    if (gnutls_certificate_allocate_credentials(&credentials) < 0 ||
        gnutls_certificate_set_x509_trust_file(credentials, argv[3], GNUTLS_X509_FMT_PEM) < 1)
        return 1;
    for (long i = strtol(argv[4], NULL, 10); i > 0; i--)
        ok &= shake_hands(credentials, argv[1], argv[2]);
    gnutls_certificate_free_credentials(credentials);
    return ok ? 0 : 1;
}
