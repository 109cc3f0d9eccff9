#include "bundle/payload.h"

#include "bundle/utc.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 4 /* components of a path */ };

static bool fail(char error[BUNDLE_ERROR_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool fail(char error[BUNDLE_ERROR_SIZE], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error, BUNDLE_ERROR_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

bool bundle_path_is_clean(const char *path)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._-+@=";
    int depth = 0;
    if (strlen(path) >= BUNDLE_PATH_SIZE)
        return false;
    while (true) {
        const size_t length = strspn(path, alphabet);
        if (length == 0 || path[0] == '.' || ++depth > DEPTH)
            return false;
        path += length;
        if (!*path)
            return true;
        if (*path++ != '/')
            return false;
    }
}

bool bundle_add(struct bundle *bundle, const char *path, const char *text, size_t length)
{
    struct bundle_file *files = reallocarray(bundle->files, bundle->file_count + 1, sizeof *files);
    if (!files)
        return false;
    bundle->files = files;
    struct bundle_file *file = &files[bundle->file_count];
    *file = (struct bundle_file){.path = strdup(path), .text = malloc(length + 1), .length = length};
    if (!file->path || !file->text) {
        free(file->path);
        free(file->text);
        return false;
    }
    memcpy(file->text, text, length);
    file->text[length] = '\0';
    bundle->file_count++;
    return true;
}

void bundle_free(struct bundle *bundle)
{
    for (size_t i = 0; i < bundle->file_count; i++) {
        free(bundle->files[i].path);
        free(bundle->files[i].text);
    }
    free(bundle->files);
    *bundle = (struct bundle){0};
}

static bool read_files(struct bundle *bundle, json_t *files, char error[BUNDLE_ERROR_SIZE])
{
    const char *path;
    json_t *text;
    if (json_object_size(files) > BUNDLE_FILES)
        return fail(error, "has more than %d files", BUNDLE_FILES);
    if (!json_is_string(json_object_get(files, "pinshim.conf")))
        return fail(error, "has no pinshim.conf");
    json_object_foreach(files, path, text)
    {
        if (!bundle_path_is_clean(path))
            return fail(error, "has a file that may not be called \"%.80s\"", path);
        if (!json_is_string(text))
            return fail(error, "has no text for %s", path);
        if (!bundle_add(bundle, path, json_string_value(text), json_string_length(text)))
            return fail(error, "can't be read: out of memory");
    }
    return true;
}

static bool read_root(struct bundle *bundle, json_t *root, char error[BUNDLE_ERROR_SIZE])
{
    const char *created, *expires;
    json_int_t version;
    json_t *files;
    json_error_t why;
    if (json_unpack_ex(root, &why, JSON_STRICT, "{s:I, s:s, s:s, s:o}", "version", &version, "created",
                       &created, "expires", &expires, "files", &files) != 0)
        return fail(error, "isn't as a bundle should be: %s", why.text);
    if (version < 1)
        return fail(error, "has the version %lld: versions start at 1", (long long)version);
    if (!utc_read(created, &bundle->created))
        return fail(error, "was created at \"%.40s\", which is no time", created);
    if (!utc_read(expires, &bundle->expires))
        return fail(error, "expires at \"%.40s\", which is no time", expires);
    if (bundle->expires <= bundle->created)
        return fail(error, "expires before it was created");
    if (!json_is_object(files))
        return fail(error, "has no files");
    bundle->version = (uint64_t)version;
    return read_files(bundle, files, error);
}

bool payload_read(struct bundle *bundle, const uint8_t *bytes, size_t size, char error[BUNDLE_ERROR_SIZE])
{
    json_error_t why;
    *bundle = (struct bundle){0};
    json_t *root = json_loadb((const char *)bytes, size, JSON_REJECT_DUPLICATES, &why);
    if (!root)
        return fail(error, "holds no JSON: %s", why.text);
    const bool read = read_root(bundle, root, error);
    json_decref(root);
    if (!read)
        bundle_free(bundle);
    return read;
}

static json_t *files_json(const struct bundle *bundle, char error[BUNDLE_ERROR_SIZE])
{
    json_t *files = json_object();
    for (size_t i = 0; i < bundle->file_count; i++) {
        const struct bundle_file *file = &bundle->files[i];
        json_t *text = json_stringn(file->text, file->length);
        if (!text || memchr(file->text, '\0', file->length) ||
            json_object_set_new(files, file->path, json_incref(text)) != 0) {
            fail(error, "%s is no UTF-8 text", file->path);
            json_decref(text);
            json_decref(files);
            return NULL;
        }
        json_decref(text);
    }
    return files;
}

char *payload_write(const struct bundle *bundle, char error[BUNDLE_ERROR_SIZE])
{
    char created[UTC_TEXT_SIZE], expires[UTC_TEXT_SIZE];
    utc_format(bundle->created, created);
    utc_format(bundle->expires, expires);
    json_t *files = files_json(bundle, error);
    if (!files)
        return NULL;
    json_t *root = json_pack("{s:I, s:s, s:s, s:o}", "version", (json_int_t)bundle->version, "created",
                             created, "expires", expires, "files", files);
    char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
    if (!text)
        fail(error, "out of memory");
    json_decref(root);
    return text;
}
