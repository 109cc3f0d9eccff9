/* Look-ups in an image, to be counted and timed: each name of a file (normalised, one a line) in turn, the
 * whole file ROUNDS times. Prints nanoseconds a look-up: in the first round, and the median of the others.
 *
 * usage: lookup IMAGE NAMES ROUNDS found|absent
 * Status: 0, 1 where the image can't be read or a name was not as the last argument says, 2 usage.
 */
#include "config/rule.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { NAMES = 100000, ROUNDS = 1000 };

static char names[NAMES][64];
static double nanoseconds[ROUNDS];

static size_t read_names(const char *path)
{
    size_t count = 0;
    FILE *file = fopen(path, "re");
    while (file && count < NAMES && fgets(names[count], sizeof names[count], file)) {
        names[count][strcspn(names[count], "\n")] = '\0';
        count++;
    }
    if (file)
        (void)fclose(file);
    return count;
}

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* How many of the names had this answer. */
static size_t look_up(const struct image *image, size_t count, enum rule_status expected)
{
    const struct applied_personas applied = {0};
    size_t as_expected = 0;
    for (size_t i = 0; i < count; i++) {
        struct rule rule;
        as_expected += rule_resolve(image, &applied, names[i], 0, &rule) == expected;
    }
    return as_expected;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        return 2;
    struct image image;
    const int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
    const size_t count = read_names(argv[2]);
    const long rounds = strtol(argv[3], NULL, 10);
    const enum rule_status expected = strcmp(argv[4], "found") == 0 ? RULE_FOUND : RULE_NONE;
    if (fd < 0 || count == 0 || rounds < 1 || rounds > ROUNDS || image_open(&image, fd) != IMAGE_OK)
        return 1;
    for (long i = 0; i < rounds; i++) {
        const double start = now();
        if (look_up(&image, count, expected) != count)
            return 1;
        nanoseconds[i] = (now() - start) / (double)count;
    }
    const double first = nanoseconds[0];
    qsort(nanoseconds + 1, (size_t)rounds - 1, sizeof *nanoseconds, compare);
    printf("%.0f %.0f\n", first, nanoseconds[rounds / 2]);
    image_close(&image);
    return 0;
}
