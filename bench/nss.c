/* A client of NSS to be counted: handshakes with a server on this machine, each verified for HOST in its
 * midst.
 *
 * usage: nss PORT HOST CAFILE HANDSHAKES
 * Status: 0 all succeeded, 1 one failed, 2 usage.
 */
#include <cert.h>
#include <nspr.h>
#include <nss.h>
#include <ssl.h>
#include <sslproto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static CERTCertificate *trust(const char *path)
{
    char text[16384];
    CERTCertTrust trust = {0};
    FILE *file = fopen(path, "r");
    const size_t length = file ? fread(text, 1, sizeof text, file) : 0;
    if (file)
        fclose(file);
    CERTCertificate *root = CERT_DecodeCertFromPackage(text, (int)length);
    if (!root || CERT_DecodeTrustString(&trust, "C,,") != SECSuccess ||
        CERT_ChangeCertTrust(CERT_GetDefaultCertDB(), root, &trust) != SECSuccess)
        exit(1);
    return root;
}

__attribute__((noipa)) static bool shake_hands(const char *port, const char *host)
{
    const SSLVersionRange range = {SSL_LIBRARY_VERSION_TLS_1_3, SSL_LIBRARY_VERSION_TLS_1_3};
    PRNetAddr address = {0};
    PRFileDesc *fd = SSL_ImportFD(NULL, PR_NewTCPSocket());
    PR_InitializeNetAddr(PR_IpAddrLoopback, (PRUint16)strtoul(port, NULL, 10), &address);
    const bool ok = fd && SSL_OptionSet(fd, SSL_SECURITY, PR_TRUE) == SECSuccess &&
                    SSL_OptionSet(fd, SSL_NO_CACHE, PR_TRUE) == SECSuccess &&
                    SSL_VersionRangeSet(fd, &range) == SECSuccess && SSL_SetURL(fd, host) == SECSuccess &&
                    PR_Connect(fd, &address, PR_INTERVAL_NO_TIMEOUT) == PR_SUCCESS &&
                    SSL_ForceHandshake(fd) == SECSuccess;
    if (fd)
        PR_Close(fd);
    return ok;
}

int main(int argc, char **argv)
{
    bool ok = true;
    if (argc != 5)
        return 2;
    if (NSS_NoDB_Init(NULL) != SECSuccess)
        return 1;
    CERTCertificate *root = trust(argv[3]);
    for (long i = strtol(argv[4], NULL, 10); i > 0; i--)
        ok &= shake_hands(argv[1], argv[2]);
    CERT_DestroyCertificate(root);
    return NSS_Shutdown() == SECSuccess && ok ? 0 : 1;
}
