/* What the shim would say of a server that this command has connected to: the same evidence and the same
 * verdict, through the same code, from this command's own OpenSSL. */
#ifndef PINSHIM_TOOLS_LIVE_VERDICT_H
#define PINSHIM_TOOLS_LIVE_VERDICT_H

#include "shim/trial.h"

struct ssl_st; /* OpenSSL's SSL: its headers are included with other settings by who needs them */

/* `ssl` has had its handshake. *trial is filled, and views the policy. */
enum verdict live_verdict(const struct policy *policy, const char *host, struct ssl_st *ssl,
                          struct trial *trial) __attribute__((nonnull, warn_unused_result));

#endif
