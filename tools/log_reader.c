#include "tools/log_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK_SIZE = 1 << 16 };

static void begin(struct log_reader *reader, off_t from)
{
    reader->from = reader->position = from;
    reader->start = reader->end = reader->searched = 0;
    reader->too_long = false;
    reader->lines = 0;
    reader->before = from == 0 ? 0 : -1;
}

bool log_reader_open(struct log_reader *reader, const char *path)
{
    struct stat facts;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return false;
    if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        close(fd);
        errno = S_ISDIR(facts.st_mode) ? EISDIR : EINVAL;
        return false;
    }
    reader->fd = fd;
    begin(reader, 0);
    return true;
}

const char *log_reader_reason(int error)
{
    return error == EINVAL ? "not a regular file" : strerror(error);
}

void log_reader_rewind(struct log_reader *reader)
{
    begin(reader, 0);
}

/* Up to a block, at `at`; -1 with errno. */
static ssize_t read_block(int fd, char block[BLOCK_SIZE], size_t size, off_t at)
{
    ssize_t got;
    do
        got = pread(fd, block, size < BLOCK_SIZE ? size : BLOCK_SIZE, at);
    while (got < 0 && errno == EINTR);
    return got;
}

bool log_reader_tail(struct log_reader *reader, int64_t count)
{
    char block[BLOCK_SIZE];
    const off_t size = lseek(reader->fd, 0, SEEK_END);
    if (size < 0)
        return false;
    int64_t ends = 0; /* line ends seen, from the file's end on; the last one only ends the last line */
    for (off_t end = size; end > 0;) {
        const off_t start = end > BLOCK_SIZE ? end - BLOCK_SIZE : 0;
        const ssize_t got = read_block(reader->fd, block, (size_t)(end - start), start);
        if (got < 0)
            return false;
        if (end == size && got > 0 && block[got - 1] != '\n' && count > 0)
            ends++;
        for (ssize_t i = got; i > 0; i--)
            if (block[i - 1] == '\n' && ++ends > count) {
                begin(reader, start + i);
                return true;
            }
        end = start;
    }
    begin(reader, 0);
    return true;
}

/* Room for more behind `end`: moved to the front, grown, or the long line thrown away. False: no memory. */
static bool make_room(struct log_reader *reader)
{
    if (reader->start > 0) {
        memmove(reader->buffer, reader->buffer + reader->start, reader->end - reader->start);
        reader->end -= reader->start;
        reader->searched -= reader->start;
        reader->start = 0;
    }
    if (reader->end > LOG_LINE_LIMIT) {
        reader->too_long = true;
        reader->end = reader->searched = 0;
    }
    if (reader->size - reader->end >= BLOCK_SIZE)
        return true;
    const size_t size = reader->size ? reader->size * 2 : (size_t)BLOCK_SIZE * 2;
    char *grown = realloc(reader->buffer, size);
    if (!grown)
        return false;
    reader->buffer = grown;
    reader->size = size;
    return true;
}

/* LOG_READ_LINE: there is more in the buffer. */
static enum log_read read_more(struct log_reader *reader)
{
    if (!make_room(reader))
        return LOG_READ_FAILED;
    const ssize_t got = read_block(reader->fd, reader->buffer + reader->end, BLOCK_SIZE, reader->position);
    if (got < 0)
        return LOG_READ_FAILED;
    reader->position += got;
    reader->end += (size_t)got;
    return got > 0 ? LOG_READ_LINE : LOG_READ_END;
}

/* The line of `length` bytes at `start`, and `skip` bytes with it. */
static enum log_read hand_out(struct log_reader *reader, size_t length, size_t skip, const char **line,
                              size_t *result)
{
    const bool too_long = reader->too_long || length > LOG_LINE_LIMIT;
    *line = reader->buffer + reader->start;
    *result = length;
    reader->start += length + skip;
    reader->searched = reader->start;
    reader->too_long = false;
    reader->lines++;
    return too_long ? LOG_READ_TOO_LONG : LOG_READ_LINE;
}

enum log_read log_reader_next(struct log_reader *reader, bool rest, const char **line, size_t *length)
{
    while (true) {
        const size_t unsearched = reader->end - reader->searched;
        const char *end = unsearched > 0 ? memchr(reader->buffer + reader->searched, '\n', unsearched) : NULL;
        if (end)
            return hand_out(reader, (size_t)(end - reader->buffer) - reader->start, 1, line, length);
        reader->searched = reader->end;
        const enum log_read more = read_more(reader);
        if (more == LOG_READ_LINE)
            continue;
        if (more == LOG_READ_END && rest && (reader->end > reader->start || reader->too_long))
            return hand_out(reader, reader->end - reader->start, 0, line, length);
        return more;
    }
}

/* Line ends before `from`; -1: they can't be read. */
static int64_t count_lines(int fd, off_t from)
{
    char block[BLOCK_SIZE];
    int64_t lines = 0;
    for (off_t at = 0; at < from;) {
        const ssize_t got = read_block(fd, block, (size_t)(from - at), at);
        if (got <= 0)
            return -1;
        const char *const end = block + got;
        for (const char *next = block; (next = memchr(next, '\n', (size_t)(end - next))); next++)
            lines++;
        at += got;
    }
    return lines;
}

uint64_t log_reader_line(struct log_reader *reader)
{
    if (reader->before < 0)
        reader->before = count_lines(reader->fd, reader->from);
    return reader->before < 0 ? 0 : (uint64_t)(reader->before + reader->lines);
}

void log_reader_close(struct log_reader *reader)
{
    if (reader->fd >= 0)
        close(reader->fd);
    reader->fd = -1;
    begin(reader, 0);
}

void log_reader_free(struct log_reader *reader)
{
    log_reader_close(reader);
    free(reader->buffer);
    *reader = LOG_READER_CLOSED;
}
