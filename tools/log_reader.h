/* Reads an events file by lines, as much of it as a line needs at a time. */
#ifndef PINSHIM_TOOLS_LOG_READER_H
#define PINSHIM_TOOLS_LOG_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { LOG_LINE_LIMIT = 16 << 20 /* bytes; an event has some 4,000 at most */ };

struct log_reader {
    int fd;         /* owned; -1: not open */
    off_t from;     /* where the reading began, at the start of a line */
    off_t position; /* of what is to be read next */
    char *buffer;   /* owned */
    size_t size;
    size_t start, end; /* what is in the buffer, and was not handed out */
    size_t searched;   /* from `start` to here there is no line end */
    bool too_long;     /* the line at `start` has lost its beginning */
    int64_t lines;     /* handed out since `from` */
    int64_t before;    /* lines before `from`; -1: not counted */
};

#define LOG_READER_CLOSED ((struct log_reader){.fd = -1})

/* Opens the regular file at `path`. False: errno says why, to be read by log_reader_reason. The buffer of a
 * closed reader is reused. */
bool log_reader_open(struct log_reader *reader, const char *path)
    __attribute__((nonnull, warn_unused_result));

const char *log_reader_reason(int error) __attribute__((returns_nonnull));

/* Reading goes on with the last `count` lines, the one without a line end included. False: errno. */
bool log_reader_tail(struct log_reader *reader, int64_t count) __attribute__((nonnull, warn_unused_result));

/* Reading goes on at the start of the file. */
void log_reader_rewind(struct log_reader *reader) __attribute__((nonnull));

enum log_read {
    LOG_READ_FAILED = 0, /* errno */
    LOG_READ_END,        /* no line, for now: the file may grow */
    LOG_READ_LINE,       /* *line, `*length` bytes without the line end; valid up to the next call */
    LOG_READ_TOO_LONG,   /* a line of more than LOG_LINE_LIMIT bytes was passed over */
};

/* The next line. With `rest`, also what stands behind the last line end: nobody will complete it. */
enum log_read log_reader_next(struct log_reader *reader, bool rest, const char **line, size_t *length)
    __attribute__((nonnull, warn_unused_result));

/* The number, from 1, of the line that was handed out (or passed over) last; 0 where it can't be counted. The
 * first call may read the file up to where the reading began. */
uint64_t log_reader_line(struct log_reader *reader) __attribute__((nonnull, warn_unused_result));

/* Closes the file, and keeps the buffer; log_reader_free gives that back, too. */
void log_reader_close(struct log_reader *reader) __attribute__((nonnull));
void log_reader_free(struct log_reader *reader) __attribute__((nonnull));

#endif
