#include "tests/clients/nss/nss.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* NSS without a database: the roots of a PEM file are trusted for the life of the process. */

enum { ROOTS = 16, FILE_SIZE = 65536 };

static CERTCertificate *roots[ROOTS];
static int count;

static void die(const char *what)
{
    fprintf(stderr, "nss: %s: %s\n", what, PR_ErrorToName(PR_GetError()));
    exit(2);
}

static void trust(char *pem, size_t length)
{
    CERTCertTrust trust = {0};
    CERTCertificate *root = CERT_DecodeCertFromPackage(pem, (int)length);
    if (count == ROOTS || !root || CERT_DecodeTrustString(&trust, "C,,") != SECSuccess ||
        CERT_ChangeCertTrust(CERT_GetDefaultCertDB(), root, &trust) != SECSuccess)
        die("root");
    roots[count++] = root;
}

static void trust_all(const char *path)
{
    static const char end[] = "-----END CERTIFICATE-----";
    static char text[FILE_SIZE];
    FILE *file = fopen(path, "r");
    if (!file)
        die(path);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (char *start = text, *stop; (stop = strstr(start, end)); start = stop + sizeof end - 1)
        trust(start, (size_t)(stop - start) + sizeof end - 1);
}

void library_start(const struct options *options)
{
    if (NSS_NoDB_Init(NULL) != SECSuccess || NSS_SetDomesticPolicy() != SECSuccess)
        die("start");
    if (options->ca)
        trust_all(options->ca);
}

void library_stop(void)
{
    while (count > 0)
        CERT_DestroyCertificate(roots[--count]);
    SSL_ClearSessionCache();
    (void)NSS_Shutdown();
    PL_ArenaFinish();
    PR_Cleanup();
}
