#include "tests/clients/soak/soak.h"

#include <cert.h>
#include <nspr.h>
#include <nss.h>
#include <ssl.h>
#include <sslproto.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Without a database: the roots of a PEM file are trusted for the life of the process. */
static void trust_all(char *text)
{
    static const char end[] = "-----END CERTIFICATE-----";
    for (char *at = text, *stop; (stop = strstr(at, end)); at = stop + sizeof end - 1) {
        CERTCertTrust trust = {0};
        CERTCertificate *root =
            CERT_DecodeCertFromPackage(at, (int)(stop - at) + (int)sizeof end - 1); /* for good */
        if (!root || CERT_DecodeTrustString(&trust, "C,,") != SECSuccess ||
            CERT_ChangeCertTrust(CERT_GetDefaultCertDB(), root, &trust) != SECSuccess)
            exit(2);
    }
}

static void start(const char *ca)
{
    static char text[65536];
    FILE *file = fopen(ca, "re");
    if (!file || NSS_NoDB_Init(NULL) != SECSuccess || NSS_SetDomesticPolicy() != SECSuccess)
        exit(2);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    trust_all(text);
}

static PRFileDesc *tls_new(int port, const char *host)
{
    PRNetAddr address = {0};
    PRFileDesc *fd = SSL_ImportFD(NULL, PR_NewTCPSocket());
    PR_InitializeNetAddr(PR_IpAddrLoopback, (PRUint16)port, &address);
    if (!fd || SSL_OptionSet(fd, SSL_SECURITY, PR_TRUE) != SECSuccess ||
        SSL_OptionSet(fd, SSL_HANDSHAKE_AS_CLIENT, PR_TRUE) != SECSuccess ||
        SSL_OptionSet(fd, SSL_NO_CACHE, PR_TRUE) != SECSuccess || SSL_SetURL(fd, host) != SECSuccess ||
        PR_Connect(fd, &address, PR_SecondsToInterval(WAIT_SECONDS)) != PR_SUCCESS) {
        perror("soak: nss");
        exit(3);
    }
    return fd;
}

static bool connect_by_nss(int port, const char *host, char *why, size_t size)
{
    char reply[64];
    PRFileDesc *fd = tls_new(port, host);
    const bool shaken = SSL_ForceHandshake(fd) == SECSuccess;
    const char *error = shaken ? "none" : PR_ErrorToName(PR_GetError());
    snprintf(why, size, "%s", error ? error : "unknown");
    const bool ok = PR_Write(fd, SECRET, sizeof SECRET - 1) > 0 && shaken &&
                    PR_Recv(fd, reply, sizeof reply, 0, PR_SecondsToInterval(WAIT_SECONDS)) > 0;
    (void)PR_Close(fd);
    return ok;
}

const struct library by_nss = {"nss", start, connect_by_nss};
