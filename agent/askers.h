/* The connections at the agent's socket: everybody may ask, and nobody is believed. */
#ifndef PINSHIM_AGENT_ASKERS_H
#define PINSHIM_AGENT_ASKERS_H

#include "shim/agent_protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
    ASKERS = 256,          /* connections at once */
    ASKERS_PER_USER = 16,  /* of each user but root */
    ASKER_PATIENCE = 1000, /* milliseconds for a request to come */
};

struct asker {
    int fd; /* -1: free */
    uid_t user;
    pid_t process;
    bool waiting;     /* has asked, and gets an answer */
    bool next;        /* but only that of the next fetch */
    int64_t deadline; /* for a request */
    char request[AGENT_REQUEST_SIZE + 1];
    size_t length; /* of what has come of it */
};

struct askers {
    struct asker all[ASKERS];
};

/* What a request means for its asker. */
enum ask {
    ASK_NOTHING = 0, /* more is to come, or it has been closed */
    ASK_REFRESH,     /* it waits now */
    ASK_FORCED,      /* so does root, by hand */
};

void askers_begin(struct askers *askers) __attribute__((nonnull));

/* Takes those who wait at the listener, up to the limits; others are closed. */
void askers_accept(struct askers *askers, int listener, int64_t now) __attribute__((nonnull));

/* Reads what an asker has sent, once poll(2) says that there is something. */
enum ask askers_read(struct asker *asker) __attribute__((nonnull, warn_unused_result));

void asker_answer(struct asker *asker, const char *word) __attribute__((nonnull));
void asker_release(struct asker *asker) __attribute__((nonnull));

/* What a fetch that has ended means to all who wait, but for those who wait for the next one: now they wait
 * for that one. */
void askers_answer_all(struct askers *askers, const char *word) __attribute__((nonnull));

/* Closes those who ask nothing; milliseconds until the next one is due, or -1. */
int64_t askers_expire(struct askers *askers, int64_t now) __attribute__((nonnull));

/* Is it a request: "refresh", or "refresh" and a host? Pure. */
bool ask_is_refresh(const char *packet, size_t size, bool *by_hand)
    __attribute__((nonnull, warn_unused_result));

#endif
