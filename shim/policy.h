/* The policy in force in this process.
 *
 * A policy is immutable and replaced whole: whoever holds one judges by it alone, however often the file
 * behind it is replaced meanwhile. Every function is safe in threads and after fork, and takes no lock.
 */
#ifndef PINSHIM_SHIM_POLICY_H
#define PINSHIM_SHIM_POLICY_H

#include "config/image.h"
#include "config/rule.h"

#include <stdatomic.h>
#include <stdbool.h>

struct policy {
    struct policy *next;   /* every policy object ever made; objects are reused, never freed */
    _Atomic unsigned refs; /* handshakes that are being judged by it */
    _Atomic int settled;   /* `applied` is: 0: not yet, 1: being found by a thread, 2: found */
    bool mapped;           /* `image` is to be closed */
    bool refused;          /* there is a policy, and it can't be read: nothing else of it counts */
    bool report;           /* a violation is told, and not terminated */
    struct policy *origin; /* whose image it is, and which it holds a reference of; NULL: its own */
    bool installed;        /* the machine's own, which its agent may renew; not one that somebody named */
    struct image image;
    struct applied_personas applied;
};

/* Maps the policy: what PINSHIM_CONFIG names, else the installed image. Called when the library is loaded,
 * before the program can enter a chroot or a sandbox; policy_acquire calls it where a constructor of somebody
 * else came first. */
void policy_start(void);

/* The policy in force, with the personas that apply to the calling thread, whose groups may change while it
 * runs (a program that never asks pays nothing for them); to be given back soon by policy_release; NULL where
 * there is none, and the shim is inert. At most once a second it looks whether the file was replaced, and
 * takes the new one up. */
const struct policy *policy_acquire(void) __attribute__((warn_unused_result));
void policy_release(const struct policy *policy);

/* In the child of a fork: no other thread is in the middle of a reload any more. */
void policy_after_fork(void);

#endif
