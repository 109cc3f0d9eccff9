/* Where the policy comes from: the file that this process obeys, opened, compiled where it is text, mapped.
 */
#ifndef PINSHIM_SHIM_POLICY_SOURCE_H
#define PINSHIM_SHIM_POLICY_SOURCE_H

#include "config/image.h"

#include <limits.h>
#include <stdbool.h>

#ifndef POLICY_INSTALLED /* else another system's: macos.mk */
#define POLICY_INSTALLED "/var/lib/pinshim/policy.cdb"
#endif

/* Before the path in PINSHIM_CONFIG: the policy is obeyed as if its action were "report". Whoever may set the
 * variable could as well name a policy that says so. */
#define POLICY_REPORT_PREFIX "report:"

enum policy_load {
    POLICY_BAD = 0, /* there is one, and it can't be read: refuse */
    POLICY_ABSENT,  /* no such file */
    POLICY_LOADED,
};

enum { POLICY_ERROR_SIZE = 512 };

/* The file, and what it was when it was last looked at: the loading thread's. */
struct policy_source {
    const char *path; /* shorter than PATH_MAX; the caller's */
    bool installed;   /* an image that root alone may write; else an image or a text */
    uint64_t stamp;   /* 0: there was none */
    bool owned;       /* one that was named has been loaded, and was `owner`'s */
    uint32_t owner;
    bool lacking;      /* the last load failed for lack of memory or descriptors */
    const char *files; /* a text's own files, as watch.h holds them: mapped */
    size_t files_size;
};

/* Maps the policy; where that fails for another reason than lack of memory or descriptors, the image before
 * it, the path with a `~` behind it. `error`: empty, or why the file at the path itself could not be used. */
enum policy_load policy_source_load(struct policy_source *source, struct image *image,
                                    char error[POLICY_ERROR_SIZE])
    __attribute__((nonnull, warn_unused_result));

/* True where the image's file has been cut short since it was mapped: to touch what is gone would end the
 * process (SIGBUS, mmap(2)). Any thread may ask. */
bool policy_source_is_cut(const struct policy_source *source, const struct image *image)
    __attribute__((nonnull, warn_unused_result));

/* True where another load would see other files than the last one did. */
bool policy_source_changed(const struct policy_source *source) __attribute__((nonnull, warn_unused_result));

#endif
