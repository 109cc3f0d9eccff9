#include "tools/preload_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char separators[] = " \t\n:"; /* glibc's handle_preload_list */

enum { CONTENT_MAX = 1 << 20 };

bool preload_file_entry(const char *library, char entry[PATH_MAX])
{
    static const char multiarch[] = "lib/" MULTIARCH "/", token[] = "$LIB/";
    if (library[strcspn(library, " \t\n:#$")]) {
        errno = EINVAL;
        return false;
    }
    const char *found = strstr(library, "/" MULTIARCH "/") ? strstr(library, multiarch) : NULL;
    const int length = found ? (int)(found - library) : 0;
    const char *rest = found ? found + sizeof multiarch - 1 : library;
    if (snprintf(entry, PATH_MAX, "%.*s%s%s", length, library, found ? token : "", rest) < PATH_MAX)
        return true;
    errno = ENAMETOOLONG;
    return false;
}

static bool is_named(const char *entry, size_t length, const char *name)
{
    const size_t name_length = strlen(name);
    return length >= name_length && memcmp(entry + length - name_length, name, name_length) == 0 &&
           (length == name_length || entry[length - name_length - 1] == '/');
}

/* The end of a word, of a comment or of what lies between. */
static const char *end_of_piece(const char *piece)
{
    if (*piece == '#')
        return piece + strcspn(piece, "\n");
    if (strchr(separators, *piece))
        return piece + strspn(piece, separators);
    return piece + strcspn(piece, " \t\n:#");
}

static bool is_word(const char *piece)
{
    return *piece != '#' && !strchr(separators, *piece);
}

bool preload_file_has_entries(const char *content)
{
    for (const char *piece = content; *piece; piece = end_of_piece(piece))
        if (is_word(piece))
            return true;
    return false;
}

char *preload_file_without(const char *content, const char *name, bool *removed)
{
    char *text = malloc(strlen(content) + 1), *end = text;
    *removed = false;
    if (!text)
        return NULL;
    for (const char *piece = content, *next; *piece; piece = next) {
        next = end_of_piece(piece);
        if (is_word(piece) && is_named(piece, (size_t)(next - piece), name)) {
            *removed = true;
            if (*next && *next != '#') /* what separated it from the next word goes, too */
                next++;
            continue;
        }
        end = mempcpy(end, piece, (size_t)(next - piece));
    }
    *end = '\0';
    return text;
}

char *preload_file_with(const char *content, const char *entry)
{
    const char *slash = strrchr(entry, '/');
    bool removed;
    char *others = preload_file_without(content ? content : "", slash ? slash + 1 : entry, &removed);
    char *text = NULL;
    if (others && asprintf(&text, "%s\n%s", entry, others) < 0)
        text = NULL;
    free(others);
    return text;
}

bool preload_file_read(const char *path, char **content)
{
    *content = NULL;
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT;
    char *text = malloc(CONTENT_MAX);
    size_t length = 0;
    ssize_t got = text ? 1 : -1;
    while (text && got > 0 && length < CONTENT_MAX - 1) {
        got = read(fd, text + length, CONTENT_MAX - 1 - length);
        length += got > 0 ? (size_t)got : 0;
    }
    int error = errno;
    close(fd);
    if (text && got > 0)
        got = -1, error = EFBIG;
    if (got < 0) {
        free(text);
        errno = error;
        return false;
    }
    text[length] = '\0';
    *content = text;
    return true;
}

/* A file beside the one at `path`, whole and on disk. */
static bool write_beside(const char *path, const char *content, char next[PATH_MAX])
{
    const size_t length = strlen(content);
    if (snprintf(next, PATH_MAX, "%s.XXXXXX", path) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    const int fd = mkostemp(next, O_CLOEXEC);
    if (fd < 0)
        return false;
    const ssize_t written = write(fd, content, length);
    if (written >= 0 && (size_t)written < length)
        errno = ENOSPC;
    const bool whole = written == (ssize_t)length && fchmod(fd, 0644) == 0 && fsync(fd) == 0;
    const int error = errno;
    close(fd);
    if (!whole) {
        unlink(next);
        errno = error;
    }
    return whole;
}

bool preload_file_replace(const char *path, const char *content)
{
    char next[PATH_MAX];
    if (!content)
        return unlink(path) == 0 || errno == ENOENT;
    if (!write_beside(path, content, next))
        return false;
    if (rename(next, path) == 0)
        return true;
    const int error = errno;
    unlink(next);
    errno = error;
    return false;
}
