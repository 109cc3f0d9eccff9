/* pinshim log: the events, for reading. */
#include "tools/command.h"
#include "tools/events_file.h"
#include "tools/json_output.h"
#include "tools/log_follow.h"
#include "tools/log_line.h"
#include "tools/log_reader.h"
#include "tools/log_watch.h"
#include "tools/options.h"
#include "tools/report.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] = "usage: pinshim log [OPTION...]\n"
                           "\n"
                           "Prints the events of a policy's events.file, one a line: local time, event,\n"
                           "verdict, host and port, program, and the policy's entry with its service.\n"
                           "\n"
                           "  -c, --config FILE  the policy, text or image; else PINSHIM_CONFIG, else the\n"
                           "                     installed policy\n"
                           "  -f, --follow       the last 10, and those to come, until SIGINT or SIGTERM\n"
                           "  -n, --lines LINES  the last LINES alone\n"
                           "  -j, --json         the JSON objects as they are, one a line\n"
                           "  -h, --help         this text\n"
                           "  -V, --version      the version\n"
                           "\n"
                           "Exit status: 0 done, or asked to end; 1 no events file, or an unreadable\n"
                           "one; 2 usage.\n";

enum { LINES_ALL = -1, LINES_FOLLOWED = 10 };

struct log {
    const char *config;
    bool follow, json, coloured;
    int64_t lines; /* from the end; LINES_ALL */
    char path[PATH_MAX];
    struct log_reader reader;
};

/* Zero means that there is nothing more to do. */
enum log_state {
    LOG_FAILED = 0, /* reported, here or by main */
    LOG_ENDED,      /* asked to, or nobody reads it any more */
    LOG_GOES_ON,
};

/* False: not a number, or too large a one. */
static bool parse_lines(const char *text, int64_t *lines)
{
    char *end;
    if (!text[0] || strspn(text, "0123456789") != strlen(text))
        return false;
    errno = 0;
    *lines = strtoll(text, &end, 10);
    return errno == 0;
}

/* False: return *status. */
static bool read_options(int argc, char **argv, struct log *log, int *status)
{
    static const struct option longs[] = {
        {"config", required_argument, NULL, 'c'},
        {"follow", no_argument, NULL, 'f'},
        {"json", no_argument, NULL, 'j'},
        {"lines", required_argument, NULL, 'n'},
        OPTIONS_COMMON,
    };
    const struct options options = {help, "c:fjn:hV", longs, STATUS_USAGE};
    bool counted = false;
    for (int option; (option = options_next(argc, argv, &options, status)) != OPTIONS_END;) {
        if (option == OPTIONS_DONE)
            return false;
        if (option == 'c')
            log->config = optarg;
        log->follow |= option == 'f';
        log->json |= option == 'j';
        counted |= option == 'n';
        if (option == 'n' && !parse_lines(optarg, &log->lines)) {
            report_error("--lines: '%s' is no number of lines", optarg);
            *status = STATUS_USAGE;
            return false;
        }
    }
    *status = STATUS_USAGE;
    if (!counted)
        log->lines = log->follow ? LINES_FOLLOWED : LINES_ALL;
    if (optind < argc)
        report_error("'%s': no argument is expected; see pinshim log --help", argv[optind]);
    return optind == argc;
}

/* A line that was printed counts once it is written: who follows wants it now. */
static enum log_state flush(void)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return LOG_GOES_ON;
    if (errno != EPIPE && !log_follow_ended())
        return LOG_FAILED;
    log_watch_purge(stdout); /* and main has nothing to complain of */
    clearerr(stdout);
    return LOG_ENDED;
}

static void leave_out(struct log *log, const char *why)
{
    report_warning("%s:%" PRIu64 ": %s: left out", log->path, log_reader_line(&log->reader), why);
}

static enum log_state print(struct log *log, const char *line, size_t length)
{
    json_t *event = json_loadb(line, length, JSON_ALLOW_NUL, NULL);
    bool printed = true;
    if (!json_is_object(event))
        leave_out(log, "no JSON object");
    else if (log->json)
        printed = json_output_line(event);
    else
        log_line_print(stdout, event, log->coloured);
    json_decref(event);
    return printed ? flush() : LOG_FAILED;
}

/* Prints what there is. `rest`: the last line has its end, whether that is written or not. */
static enum log_state print_all(struct log *log, bool rest)
{
    enum log_state state = LOG_GOES_ON;
    while (state == LOG_GOES_ON && log->reader.fd >= 0 && !log_follow_ended()) {
        const char *line;
        size_t length;
        switch (log_reader_next(&log->reader, rest, &line, &length)) {
        case LOG_READ_LINE:
            state = print(log, line, length);
            break;
        case LOG_READ_TOO_LONG:
            leave_out(log, "too long a line");
            break;
        case LOG_READ_END:
            return state;
        case LOG_READ_FAILED:
            report_error("%s: %s", log->path, strerror(errno));
            return LOG_FAILED;
        }
    }
    return state;
}

/* The file may be written to up to the moment in which it is replaced: what it held is printed before. */
static enum log_state take_up(struct log *log, struct log_follower *follower, enum log_change change)
{
    enum log_state state = LOG_GOES_ON;
    if (change == LOG_CUT)
        log_reader_rewind(&log->reader);
    if (change == LOG_REPLACED) {
        state = print_all(log, true);
        log_follow_open(follower, &log->reader);
    }
    return state;
}

static enum log_state follow(struct log *log)
{
    struct log_follower follower;
    enum log_state state = LOG_GOES_ON;
    log_follow_begin(&follower, log->path);
    while (state == LOG_GOES_ON) {
        log_follow_watch(&follower);
        state = print_all(log, false);
        const enum log_change change = log_follow_look(&follower, &log->reader);
        if (state == LOG_GOES_ON)
            state = take_up(log, &follower, change);
        const bool at_end = change == LOG_UNCHANGED || log->reader.fd < 0;
        if (state == LOG_GOES_ON && at_end && !log_follow_wait(&follower))
            state = LOG_ENDED;
    }
    log_follow_end(&follower);
    return state;
}

/* False, reported. A file that isn't there is none yet. */
static bool open_file(struct log *log)
{
    if (!log_reader_open(&log->reader, log->path)) {
        const int error = errno;
        if (error == ENOENT)
            report_warning("%s: no event yet: there is no such file", log->path);
        else
            report_error("%s: %s", log->path, log_reader_reason(error));
        return error == ENOENT;
    }
    if (log->lines == LINES_ALL || log_reader_tail(&log->reader, log->lines))
        return true;
    report_error("%s: %s", log->path, strerror(errno));
    return false;
}

int log_main(int argc, char **argv)
{
    struct log log = {.reader = LOG_READER_CLOSED};
    int status;
    if (!read_options(argc, argv, &log, &status))
        return status;
    if (!events_file_find(log.config, log.path))
        return STATUS_ERROR;
    signal(SIGPIPE, SIG_IGN); /* a reader that leaves is no error */
    log.coloured = report_coloured(STDOUT_FILENO);
    enum log_state state = LOG_FAILED;
    if (open_file(&log))
        state = log.follow ? follow(&log) : print_all(&log, log.lines != 0);
    log_reader_free(&log.reader);
    return state == LOG_FAILED ? STATUS_ERROR : STATUS_OK;
}
