#include "shim/policy_source.h"

#include "config/file_facts.h"
#include "config/map.h"
#include "config/watch.h"
#include "shim/compiler.h"
#include "shim/system.h"
#include "shim/text.h"

#include <errno.h>

static void forget_files(struct policy_source *source)
{
    const char *files = source->files;
    source->files = NULL; /* first: another thread may fork */
    if (files)
        map_free(files, source->files_size);
}

/* Compiles the text at the source's path to the memory file `image_fd`, its files' names to `files_fd`. */
static bool compile(struct policy_source *source, int image_fd, int files_fd, struct image *image,
                    char error[POLICY_ERROR_SIZE])
{
    compile_function *pinshim_compile = compiler();
    if (!pinshim_compile) {
        text_set(error, POLICY_ERROR_SIZE, "libpinshim-compile can't be loaded: a text policy can't be read");
        return false;
    }
    if (image_fd < 0 || files_fd < 0) {
        text_set(error, POLICY_ERROR_SIZE, "no memory for the policy");
        return false;
    }
    const bool compiled = pinshim_compile(source->path, image_fd, files_fd, error, POLICY_ERROR_SIZE) == 0;
    source->files = map_file(files_fd, &source->files_size); /* also of a bad one: it may be mended */
    if (compiled && image_open(image, image_fd) != IMAGE_OK) {
        text_set(error, POLICY_ERROR_SIZE, "the policy was compiled to a damaged image");
        return false;
    }
    return compiled;
}

static bool load_text(struct policy_source *source, struct image *image, char error[POLICY_ERROR_SIZE])
{
    const int image_fd = system_memory_file(), files_fd = system_memory_file();
    const bool loaded = compile(source, image_fd, files_fd, image, error);
    system_close(image_fd);
    system_close(files_fd);
    return loaded;
}

/* How long the folder of a file is: what stands before the last slash. */
static size_t folder_length(const char *path)
{
    size_t length = 0;
    for (size_t i = 0; path[i]; i++)
        if (path[i] == '/')
            length = i;
    return length ? length : 1;
}

/* False where it doesn't fit. */
static bool folder_of(const char *path, char folder[PATH_MAX])
{
    struct text text = text_over(folder, PATH_MAX);
    text_add_bytes(&text, path, folder_length(path));
    return text_end(&text);
}

/* NULL, or who else may change the file or replace it. */
static const char *fault_of(const char *path, const struct file_facts *facts, enum file_guard guard)
{
    const char *fault = file_fault(facts, guard);
    char folder[PATH_MAX];
    struct file_facts folder_facts;
    if (fault)
        return fault;
    if (!folder_of(path, folder) || !file_facts_at(folder, &folder_facts))
        return "lies in a folder that can't be looked at";
    return file_fault(&folder_facts, guard) ? "lies in a folder that others than its owner may write" : NULL;
}

/* Is the file, or its folder, a symbolic link? */
static bool is_linked(const char *path)
{
    char folder[PATH_MAX];
    return file_is_link(path) || (folder_of(path, folder) && file_is_link(folder));
}

/* NULL, or why others than root may lead an installed policy's link elsewhere, or to nowhere: they may write
 * to one of the folders on the way to the file. */
static const char *fault_of_link(int fd)
{
    char path[PATH_MAX];
    struct file_facts facts;
    if (!system_path(fd, path, sizeof path))
        return "is reached by a link, and where that leads can't be told";
    while (path[1]) {
        path[folder_length(path)] = '\0';
        if (!file_facts_at(path, &facts) || file_fault(&facts, GUARD_ROOT))
            return "is reached by a link through a folder that others than root may write";
    }
    return NULL;
}

/* NULL, or why the file is none to go by. A policy that was named is replaced by its owner or by root alone:
 * to a process that has entered a chroot since, somebody else's file may stand at the same path. */
static const char *fault_of_source(const struct policy_source *source, const char *path,
                                   const struct file_facts *facts)
{
    if (!facts->regular)
        return "is no regular file";
    if (!source->installed && source->owned && facts->owner != source->owner && facts->owner != 0)
        return "belongs to somebody else than the policy before it";
    return fault_of(path, facts, source->installed ? GUARD_ROOT : GUARD_OWNER);
}

static void note_owner(struct policy_source *source, const struct file_facts *facts)
{
    if (source->installed)
        return;
    source->owned = true;
    source->owner = facts->owner;
}

/* Of this process, and of the moment: whoever starts it may see to that. The file may be as good as ever. */
static bool is_for_lack(int error)
{
    return error == ENOMEM || error == EMFILE || error == ENFILE || error == EAGAIN || error == EINTR;
}

/* The file at `path`: the source's own, or the image before it, for which `text` is false. */
static enum policy_load load_one(struct policy_source *source, const char *path, bool text,
                                 struct image *image, char error[POLICY_ERROR_SIZE])
{
    struct file_facts facts;
    errno = 0;
    const int fd = system_open(path);
    if (fd < 0) {
        const bool absent = errno == ENOENT || errno == ENOTDIR;
        source->lacking = is_for_lack(errno);
        text_set(error, POLICY_ERROR_SIZE, "can't be opened");
        return absent && !(source->installed && is_linked(path)) ? POLICY_ABSENT : POLICY_BAD;
    }
    enum image_status status = IMAGE_DAMAGED;
    const char *fault = "can't be looked at";
    if (file_facts_of(fd, &facts))
        fault = fault_of_source(source, path, &facts);
    if (!fault && source->installed && is_linked(path))
        fault = fault_of_link(fd);
    if (!fault)
        status = image_open(image, fd);
    system_close(fd);
    source->lacking = is_for_lack(errno);
    if (status == IMAGE_OK) {
        image->file = facts.file;
        note_owner(source, &facts);
        return POLICY_LOADED;
    }
    if (!fault && status == IMAGE_NOT_IMAGE && text) {
        const bool loaded = load_text(source, image, error);
        if (loaded)
            note_owner(source, &facts);
        return loaded ? POLICY_LOADED : POLICY_BAD;
    }
    text_set(error, POLICY_ERROR_SIZE, fault ? fault : image_status_text(status));
    return POLICY_BAD;
}

static bool name_of_before(const struct policy_source *source, char path[PATH_MAX])
{
    struct text name = text_over(path, PATH_MAX);
    text_add(&name, source->path);
    text_add(&name, "~");
    return text_end(&name);
}

/* Apart, as load_image_before is, for its stack: threads may have little of it. */
__attribute__((noinline)) static bool is_before_cut(const struct policy_source *source,
                                                    const struct image *image)
{
    char before[PATH_MAX];
    uint64_t file, size;
    return name_of_before(source, before) && file_size_at(before, &file, &size) && file == image->file &&
           size < image->size;
}

__attribute__((noinline)) static bool load_image_before(struct policy_source *source, struct image *image)
{
    char before[PATH_MAX], ignored[POLICY_ERROR_SIZE];
    return name_of_before(source, before) && load_one(source, before, false, image, ignored) == POLICY_LOADED;
}

enum policy_load policy_source_load(struct policy_source *source, struct image *image,
                                    char error[POLICY_ERROR_SIZE])
{
    error[0] = '\0';
    forget_files(source);
    if (source->path[0] != '/') {
        text_set(error, POLICY_ERROR_SIZE, "is a relative path");
        return POLICY_BAD;
    }
    source->stamp = file_stamp(source->path); /* before it is opened: what changes meanwhile is seen later */
    const enum policy_load load = load_one(source, source->path, !source->installed, image, error);
    if (load != POLICY_BAD || source->lacking)
        return load;
    return load_image_before(source, image) ? POLICY_LOADED : POLICY_BAD;
}

bool policy_source_is_cut(const struct policy_source *source, const struct image *image)
{
    uint64_t file, size;
    if (image->file == 0)
        return false;
    if (file_size_at(source->path, &file, &size) && file == image->file)
        return size < image->size;
    return is_before_cut(source, image);
}

bool policy_source_changed(const struct policy_source *source)
{
    const uint64_t stamp = file_stamp(source->path);
    if (stamp == 0)
        return false;
    if (stamp != source->stamp)
        return true;
    return source->files && !watch_unchanged(source->files, source->files_size); /* an image has none */
}
