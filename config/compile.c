#include "config/compile.h"

#include "config/fnv.h"
#include "config/image.h"
#include "config/policy.h"

#include <cdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* An image that is being written. The first failure stays; what follows it does nothing. */
struct writer {
    struct cdb_make cdb;
    uint64_t version; /* FNV-1a over the records so far: the policy's content, wherever its files lie */
    bool failed;
};

/* Bytes that are put together for one record. */
struct bytes {
    uint8_t *data; /* owned */
    size_t length, capacity;
    bool failed;
};

static void append(struct bytes *bytes, const void *data, size_t length)
{
    if (bytes->length + length > bytes->capacity) {
        const size_t capacity = (bytes->length + length) * 2;
        uint8_t *grown = realloc(bytes->data, capacity);
        if (!grown) {
            bytes->failed = true;
            return;
        }
        bytes->data = grown;
        bytes->capacity = capacity;
    }
    if (length > 0)
        memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
}

static void put(struct writer *writer, enum image_key kind, const void *name, size_t name_length,
                const struct bytes *value)
{
    char key[1 + NAME_SIZE] = {(char)kind};
    memcpy(key + 1, name, name_length);
    if (value->failed || cdb_make_add(&writer->cdb, key, (unsigned)(1 + name_length), value->data,
                                      (unsigned)value->length) != 0)
        writer->failed = true;
    if (kind == IMAGE_KEY_SOURCES)
        return;
    writer->version = fnv_add(writer->version, key, 1 + name_length);
    writer->version = fnv_add(writer->version, value->data, value->length);
}

static void append_string(struct bytes *bytes, const char *string)
{
    append(bytes, string, strlen(string) + 1);
}

static void append_strings(struct bytes *bytes, char *const *strings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        append_string(bytes, strings[i]);
}

static void append_certificates(struct bytes *bytes, const struct certificates *certificates)
{
    for (size_t i = 0; i < certificates->count; i++) {
        const uint32_t length = (uint32_t)certificates->items[i].length;
        append(bytes, &length, sizeof length);
        append(bytes, certificates->items[i].der, length);
    }
}

static void put_domains(struct writer *writer, const struct policy_text *policy, struct bytes *value)
{
    for (const struct domain *domain = policy->domains.first; domain; domain = domain->next) {
        value->length = 0;
        for (const struct entry *entry = domain->entries; entry; entry = entry->next) {
            append(value, &entry->head, sizeof entry->head);
            append(value, entry->pins, entry->head.pin_count * sizeof *entry->pins);
        }
        put(writer, IMAGE_KEY_DOMAIN, domain->name, strlen(domain->name), value);
    }
}

static void put_personas(struct writer *writer, const struct policy_text *policy, struct bytes *value)
{
    for (uint32_t i = 0; i < policy->persona_count; i++) {
        const struct persona *persona = &policy->personas[i];
        value->length = 0;
        append(value, &persona->head, sizeof persona->head);
        append(value, persona->groups, persona->head.group_count * sizeof *persona->groups);
        append_string(value, persona->name);
        append_strings(value, persona->user_groups, persona->head.group_count);
        append_strings(value, persona->device_groups, persona->head.device_group_count);
        put(writer, IMAGE_KEY_PERSONA, &i, sizeof i, value);
        if (persona->proxies.count == 0)
            continue;
        value->length = 0;
        append_certificates(value, &persona->proxies);
        put(writer, IMAGE_KEY_PROXY_ROOTS, &i, sizeof i, value);
    }
}

static void put_roots(struct writer *writer, enum image_key key, const struct certificates *roots,
                      struct bytes *value)
{
    if (roots->count == 0)
        return;
    value->length = 0;
    append_certificates(value, roots);
    put(writer, key, "", 0, value);
}

static void put_messages(struct writer *writer, const struct policy_text *policy, struct bytes *value)
{
    for (size_t i = 0; i < policy->message_count; i++) {
        const char *application = policy->messages[i].application;
        value->length = 0;
        append_string(value, policy->messages[i].text);
        put(writer, IMAGE_KEY_MESSAGE, application, strlen(application), value);
    }
}

static void put_rest(struct writer *writer, const struct policy_text *policy, struct bytes *value)
{
    put_roots(writer, IMAGE_KEY_TRUST_ROOTS, &policy->trust, value);
    put_roots(writer, IMAGE_KEY_LOCAL_ROOTS, &policy->local_roots, value);
    if (policy->events_file) {
        value->length = 0;
        append_string(value, policy->events_file);
        put(writer, IMAGE_KEY_EVENTS_FILE, "", 0, value);
    }
    if (policy->report_url) {
        value->length = 0;
        append_string(value, policy->report_url);
        put(writer, IMAGE_KEY_REPORT_URL, "", 0, value);
    }
    value->length = 0;
    append_string(value, policy->device_id ? policy->device_id : "");
    append_strings(value, policy->device_groups, policy->device_group_count);
    put(writer, IMAGE_KEY_DEVICE, "", 0, value);

    value->length = 0;
    append_strings(value, policy->sources, policy->source_count);
    put(writer, IMAGE_KEY_SOURCES, "", 0, value);
}

/* One sum a block of the cdb, behind it. By pwrite, not in place: a page of a mapped file that the disk has
 * no room for is a SIGBUS. */
static bool write_sums(int fd, const struct image_header *header)
{
    const uint32_t blocks = (header->cdb_size + IMAGE_BLOCK_SIZE - 1) / IMAGE_BLOCK_SIZE;
    const size_t sums_size = blocks * sizeof(uint32_t);
    uint32_t *sums = malloc(sums_size);
    const uint8_t *cdb = mmap(NULL, header->cdb_size, PROT_READ, MAP_SHARED, fd, 0);
    bool written = sums && cdb != MAP_FAILED;
    for (uint32_t i = 0; written && i < blocks; i++) {
        const size_t start = (size_t)i * IMAGE_BLOCK_SIZE, left = header->cdb_size - start;
        sums[i] = image_block_sum(cdb + start, left < IMAGE_BLOCK_SIZE ? left : IMAGE_BLOCK_SIZE, i);
    }
    written = written && pwrite(fd, sums, sums_size, header->sums_offset) == (ssize_t)sums_size;
    if (cdb != MAP_FAILED)
        (void)munmap((void *)cdb, header->cdb_size);
    free(sums);
    return written;
}

/* The header, which needs the sizes and the version, over the place that was kept for it; then the sums. */
static bool seal(int fd, struct image_header *header)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return false;
    const uint64_t size = (uint64_t)status.st_size, sums = (size + 7) / 8 * 8;
    const uint64_t blocks = (size + IMAGE_BLOCK_SIZE - 1) / IMAGE_BLOCK_SIZE;
    if (sums + blocks * sizeof(uint32_t) > UINT32_MAX)
        return false;
    header->cdb_size = (uint32_t)size;
    header->sums_offset = (uint32_t)sums;
    header->image_size = (uint32_t)(sums + blocks * sizeof(uint32_t));
    return pwrite(fd, header, sizeof *header, IMAGE_HEADER_OFFSET) == sizeof *header &&
           write_sums(fd, header);
}

static bool write_image(const struct policy_text *policy, int fd)
{
    struct image_header header = {
        .magic = IMAGE_MAGIC,
        .byte_order = IMAGE_BYTE_ORDER,
        .schema = IMAGE_SCHEMA,
        .persona_count = (uint32_t)policy->persona_count,
        .switch_mode = (uint8_t)policy->switch_mode,
        .action = (uint8_t)policy->action,
        .allow_override = policy->allow_override,
        .syslog = !policy->no_syslog,
        .desktop = !policy->no_desktop,
        .local_proxy = (uint8_t)policy->local_proxy,
        .no_addresses = !policy->has_addresses,
    };
    struct bytes value = {0};
    struct writer writer = {.version = fnv_add(FNV_START, &header, sizeof header)};
    if (cdb_make_start(&writer.cdb, fd) != 0)
        return false;
    if (cdb_make_add(&writer.cdb, IMAGE_HEADER_KEY, sizeof IMAGE_HEADER_KEY, &header, sizeof header) != 0)
        writer.failed = true;
    put_domains(&writer, policy, &value);
    put_personas(&writer, policy, &value);
    put_messages(&writer, policy, &value);
    put_rest(&writer, policy, &value);
    free(value.data);
    header.policy_version = writer.version ? writer.version : 1;
    return cdb_make_finish(&writer.cdb) == 0 && !writer.failed && seal(fd, &header);
}

static bool write_watch_list(const struct watch_list *list, int fd)
{
    return pwrite(fd, list->bytes, list->length, 0) == (ssize_t)list->length;
}

/* Who the device is, its own file says, before personas are read that ask for it. */
static void take_device(struct policy_text *policy, const char *path, struct diagnostics *diagnostics)
{
    struct policy_text own = {.use = policy->use};
    policy_read(&own, path, diagnostics);
    policy->device_known = true;
    policy->device_id = own.device_id;
    policy->device_groups = own.device_groups;
    policy->device_group_count = own.device_group_count;
    own.device_id = NULL;
    own.device_groups = NULL;
    policy_free(&own);
}

bool policy_compile(const struct compilation *compilation, struct diagnostics *diagnostics)
{
    struct policy_text policy = {
        .use = compilation->use, .progress = compilation->progress, .bundled = compilation->bundled};
    if (compilation->device)
        take_device(&policy, compilation->device, diagnostics);
    policy_read(&policy, compilation->path, diagnostics);
    if (compilation->files_fd >= 0 && !write_watch_list(&policy.watched, compilation->files_fd))
        diagnostics_add(diagnostics, SEVERITY_ERROR, compilation->path, 0, "no memory for its files' names");
    if (diagnostics->errors == 0 && compilation->image_fd >= 0 &&
        !write_image(&policy, compilation->image_fd))
        diagnostics_add(diagnostics, SEVERITY_ERROR, compilation->path, 0,
                        "the image can't be written (full disk, or over 4 GB)");
    if (compilation->agent) {
        *compilation->agent = policy.agent;
        policy.agent = (struct agent_policy){0};
    }
    policy_free(&policy);
    return diagnostics->errors == 0;
}
