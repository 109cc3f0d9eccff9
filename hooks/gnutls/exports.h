/* The functions of GnuTLS that are interposed. */
#ifndef PINSHIM_HOOKS_GNUTLS_EXPORTS_H
#define PINSHIM_HOOKS_GNUTLS_EXPORTS_H

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#define HOOKS_GNUTLS
#include "hooks/declare.h"

#endif
