/* libSystem's access control lists (acl(3)), which Linux has none of: a file's is played by the file beside
 * it that has the same name and ".acl" at its end. There, each line is an entry: `allow` or `deny`, and the
 * bits of what (<sys/acl.h>) as a hexadecimal number. Whom an entry names isn't played. */
#include "tests/macos/loader/image.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ENTRIES_MOST = 16, DARWIN_TYPE_EXTENDED = 0x100, DARWIN_FIRST = 0, DARWIN_NEXT = -1 };

struct entry {
    int tag; /* 1: allow, 2: deny */
    uint64_t permissions;
};

struct list {
    int count, next;
    struct entry entries[ENTRIES_MOST];
};

static struct list *list_at(const char *path, int type)
{
    char beside[PATH_MAX + 8], word[8];
    snprintf(beside, sizeof beside, "%s.acl", path);
    FILE *file = type == DARWIN_TYPE_EXTENDED ? fopen(beside, "re") : NULL;
    if (!file) {
        errno = type == DARWIN_TYPE_EXTENDED ? ENOENT : EINVAL;
        return NULL;
    }
    struct list *list = calloc(1, sizeof *list);
    struct entry *entry = list->entries;
    while (list->count < ENTRIES_MOST && fscanf(file, "%7s %lx", word, &entry->permissions) == 2) {
        entry++->tag = strcmp(word, "allow") == 0 ? 1 : 2;
        list->count++;
    }
    fclose(file);
    return list;
}

static struct list *list_of(int fd, int type)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return NULL;
    path[length] = '\0';
    return list_at(path, type);
}

static int get_entry(struct list *list, int which, struct entry **entry)
{
    if (which == DARWIN_FIRST)
        list->next = 0;
    if ((which != DARWIN_FIRST && which != DARWIN_NEXT) || list->next == list->count) {
        errno = EINVAL;
        return -1;
    }
    *entry = &list->entries[list->next++];
    return 0;
}

static int get_tag(const struct entry *entry, int *tag)
{
    *tag = entry->tag;
    return 0;
}

static int get_permissions(const struct entry *entry, uint64_t *permissions)
{
    *permissions = entry->permissions;
    return 0;
}

static int free_list(struct list *list)
{
    free(list);
    return 0;
}

const struct adapter adapters_access[] = {
#define ADAPTER(name, function)                                                                              \
    {                                                                                                        \
        name, __extension__(void *) function                                                                 \
    }
    ADAPTER("acl_get_fd_np", list_of),
    ADAPTER("acl_get_file", list_at),
    ADAPTER("acl_get_entry", get_entry),
    ADAPTER("acl_get_tag_type", get_tag),
    ADAPTER("acl_get_permset_mask_np", get_permissions),
    ADAPTER("acl_free", free_list),
    {"", NULL},
};
