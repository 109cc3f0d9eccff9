#include <cdb.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TABLES = 256, CONTENTS_SIZE = TABLES * 8 };

unsigned cdb_hash(const void *key, unsigned length)
{
    const unsigned char *bytes = key;
    unsigned hash = 5381;
    for (unsigned i = 0; i < length; i++)
        hash = (hash + (hash << 5)) ^ bytes[i];
    return hash;
}

unsigned cdb_unpack(const unsigned char packed[4])
{
    return packed[0] | (unsigned)packed[1] << 8 | (unsigned)packed[2] << 16 | (unsigned)packed[3] << 24;
}

static void pack(uint32_t value, unsigned char packed[4])
{
    for (int i = 0; i < 4; i++)
        packed[i] = (unsigned char)(value >> 8 * i);
}

static int give_up(struct cdb_make *make)
{
    free(make->entries);
    make->entries = NULL;
    make->capacity = make->count = 0;
    return -1;
}

static bool write_all(int fd, const unsigned char *bytes, size_t length)
{
    while (length > 0) {
        const ssize_t written = write(fd, bytes, length);
        if (written < 0 && errno != EINTR)
            return false;
        bytes += written > 0 ? written : 0;
        length -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

static bool flush(struct cdb_make *make)
{
    const bool written = write_all(make->fd, make->buffer, make->buffered);
    make->buffered = 0;
    return written;
}

static bool put(struct cdb_make *make, const void *data, size_t length)
{
    const unsigned char *bytes = data;
    if (length > UINT32_MAX - make->position)
        return false;
    make->position += length;
    while (length > 0) {
        const size_t room = sizeof make->buffer - make->buffered, part = length < room ? length : room;
        memcpy(make->buffer + make->buffered, bytes, part);
        make->buffered += part;
        bytes += part;
        length -= part;
        if (make->buffered == sizeof make->buffer && !flush(make))
            return false;
    }
    return true;
}

static bool put_pair(struct cdb_make *make, uint32_t first, uint32_t second)
{
    unsigned char pair[8];
    pack(first, pair);
    pack(second, pair + 4);
    return put(make, pair, sizeof pair);
}

int cdb_make_start(struct cdb_make *make, int fd)
{
    make->fd = fd;
    make->position = CONTENTS_SIZE;
    make->buffered = make->count = make->capacity = 0;
    make->entries = NULL;
    return lseek(fd, CONTENTS_SIZE, SEEK_SET) == CONTENTS_SIZE ? 0 : -1;
}

static bool note(struct cdb_make *make, uint32_t hash)
{
    if (make->count == make->capacity) {
        const size_t capacity = make->capacity ? 2 * make->capacity : 1024;
        struct cdb_entry *entries = realloc(make->entries, capacity * sizeof *entries);
        if (!entries)
            return false;
        make->entries = entries;
        make->capacity = capacity;
    }
    make->entries[make->count++] = (struct cdb_entry){hash, (uint32_t)make->position};
    return true;
}

int cdb_make_add(struct cdb_make *make, const void *key, unsigned key_length, const void *value,
                 unsigned length)
{
    const bool added = note(make, cdb_hash(key, key_length)) && put_pair(make, key_length, length) &&
                       put(make, key, key_length) && put(make, value, length);
    return added ? 0 : give_up(make);
}

/* Twice as many places as entries, each entry at the first free one from its own on. Its position is never 0,
 * which stands for a free one. */
static bool put_table(struct cdb_make *make, const struct cdb_entry *entries, size_t count,
                      struct cdb_entry *places)
{
    const size_t size = 2 * count;
    memset(places, 0, size * sizeof *places);
    for (size_t i = 0; i < count; i++) {
        size_t place = (entries[i].hash >> 8) % size;
        while (places[place].position)
            place = place + 1 == size ? 0 : place + 1;
        places[place] = entries[i];
    }
    bool done = true;
    for (size_t i = 0; i < size && done; i++)
        done = put_pair(make, places[i].hash, places[i].position);
    return done;
}

/* The entries, those of one table beside each other, in order; `starts` has where each table's begin. */
static void sort(const struct cdb_make *make, struct cdb_entry *sorted, size_t starts[TABLES + 1])
{
    size_t next[TABLES];
    memset(starts, 0, (TABLES + 1) * sizeof *starts);
    for (size_t i = 0; i < make->count; i++)
        starts[make->entries[i].hash % TABLES + 1]++;
    for (size_t i = 0; i < TABLES; i++) {
        starts[i + 1] += starts[i];
        next[i] = starts[i];
    }
    for (size_t i = 0; i < make->count; i++)
        sorted[next[make->entries[i].hash % TABLES]++] = make->entries[i];
}

static bool put_tables(struct cdb_make *make, struct cdb_entry *sorted, struct cdb_entry *places)
{
    size_t starts[TABLES + 1];
    unsigned char contents[CONTENTS_SIZE];
    bool done = true;
    sort(make, sorted, starts);
    for (size_t i = 0; i < TABLES && done; i++) {
        const size_t count = starts[i + 1] - starts[i];
        pack((uint32_t)make->position, contents + 8 * i);
        pack((uint32_t)(2 * count), contents + 8 * i + 4);
        done = count == 0 || put_table(make, sorted + starts[i], count, places);
    }
    return done && flush(make) && lseek(make->fd, 0, SEEK_SET) == 0 &&
           write_all(make->fd, contents, sizeof contents);
}

int cdb_make_finish(struct cdb_make *make)
{
    struct cdb_entry *sorted = calloc(make->count + 1, sizeof *sorted);
    struct cdb_entry *places = calloc(2 * make->count + 1, sizeof *places);
    const bool done = sorted && places && put_tables(make, sorted, places);
    free(places);
    free(sorted);
    (void)give_up(make);
    return done ? 0 : -1;
}
