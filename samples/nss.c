/* A small HTTPS client over NSS: nss HOST PORT CAFILE
 *
 * It pins nothing by itself. Run it under `pinshim run`, and SSL_ForceHandshake fails where the policy says
 * so, as it would for any certificate that NSS rejects.
 */
#include <cert.h>
#include <nss.h>
#include <prerror.h>
#include <prnetdb.h>
#include <ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NSS without a database: the roots of a PEM file are trusted for the life of the process. */
static bool trust(const char *path)
{
    static char text[1 << 20];
    static const char end[] = "-----END CERTIFICATE-----";
    CERTCertTrust trust;
    FILE *file = fopen(path, "r");
    const size_t length = file ? fread(text, 1, sizeof text - 1, file) : 0;
    bool any = false;
    if (file)
        fclose(file);
    text[length] = '\0';
    for (char *start = text, *stop; (stop = strstr(start, end)); start = stop + sizeof end - 1) {
        CERTCertificate *root = CERT_DecodeCertFromPackage(start, (int)(stop - start + sizeof end - 1));
        if (!root || CERT_DecodeTrustString(&trust, "C,,") != SECSuccess ||
            CERT_ChangeCertTrust(CERT_GetDefaultCertDB(), root, &trust) != SECSuccess)
            return false;
        any = true; /* it is in the process's memory as long as it is referenced */
    }
    return any;
}

static PRFileDesc *connect_to(const char *host, const char *port)
{
    PRNetAddr address;
    PRAddrInfo *addresses = PR_GetAddrInfoByName(host, PR_AF_UNSPEC, PR_AI_ADDRCONFIG);
    PRFileDesc *fd = NULL;
    for (void *at = NULL; addresses && !fd;) {
        at = PR_EnumerateAddrInfo(at, addresses, (PRUint16)strtoul(port, NULL, 10), &address);
        if (!at)
            break;
        fd = PR_OpenTCPSocket(address.raw.family);
        if (fd && PR_Connect(fd, &address, PR_SecondsToInterval(10)) != PR_SUCCESS) {
            PR_Close(fd);
            fd = NULL;
        }
    }
    if (addresses)
        PR_FreeAddrInfo(addresses);
    return fd;
}

/* The server must show a certificate for HOST that leads to the trusted root: NSS sees to that. */
static bool get(PRFileDesc *tls, const char *host)
{
    char text[4096];
    const int length = snprintf(text, sizeof text, "GET / HTTP/1.0\r\nHost: %s\r\n\r\n", host);
    if (SSL_ResetHandshake(tls, PR_FALSE) != SECSuccess || SSL_SetURL(tls, host) != SECSuccess ||
        SSL_ForceHandshake(tls) != SECSuccess || PR_Write(tls, text, length) != length)
        return false;
    PRInt32 got;
    while ((got = PR_Read(tls, text, sizeof text)) > 0)
        fwrite(text, 1, (size_t)got, stdout);
    return got == 0;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s HOST PORT CAFILE\n", argv[0]);
        return 2;
    }
    if (NSS_NoDB_Init(NULL) != SECSuccess)
        return 1;
    PRFileDesc *fd = trust(argv[3]) ? connect_to(argv[1], argv[2]) : NULL,
               *tls = fd ? SSL_ImportFD(NULL, fd) : NULL;
    const bool done = tls && get(tls, argv[1]);
    if (!done)
        fprintf(stderr, "%s: %s\n", argv[1], PR_ErrorToString(PR_GetError(), PR_LANGUAGE_I_DEFAULT));
    if (tls || fd)
        PR_Close(tls ? tls : fd);
    return done ? 0 : 1;
}
