/* The functions of NSS that are interposed. */
#ifndef PINSHIM_HOOKS_NSS_EXPORTS_H
#define PINSHIM_HOOKS_NSS_EXPORTS_H

#include <cert.h>
#include <ssl.h>

#define HOOKS_NSS
#include "hooks/declare.h"

#endif
