/* soak PINNED UNPINNED GENUINE_PORT ATTACKER_PORT UNPINNED_PORT CA
 *
 * 64 threads, each with a library and a fate of its own: the pinned host's genuine server, which must answer;
 * a man in the middle of that host, who must be refused; an unpinned host, which must answer. Each line on
 * standard input is answered by one: connected=N refused=N wrong=N least=N, the last the connections of the
 * thread with the fewest since the line before. Each connection that ends in another way than it must is told
 * on standard error. At the end of the input it ends.
 */
#include "tests/clients/soak/soak.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 64, PAUSE = 200 /* milliseconds between two connections of a thread */ };

struct fate {
    const char *name, *host;
    int port;
    bool connects;
};

struct task {
    const struct library *library;
    const struct fate *fate;
    atomic_long made;
    long told; /* of `made` */
};

static struct fate fates[] = {{.name = "genuine", .connects = true},
                              {.name = "attacker", .connects = false},
                              {.name = "unpinned", .connects = true}};
static struct task tasks[THREADS];
static atomic_long connected, refused, wrong;
static atomic_bool over;

int soak_dial(int port)
{
    const struct timeval bound = {.tv_sec = WAIT_SECONDS};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound) != 0) {
        perror("soak: connect");
        exit(3);
    }
    return fd;
}

static void connect_once(struct task *task)
{
    char why[256] = "";
    const struct fate *fate = task->fate;
    const bool ok = task->library->connect(fate->port, fate->host, why, sizeof why);
    ++*(ok ? &connected : &refused);
    if (ok != fate->connects) {
        wrong++;
        fprintf(stderr, "soak: %s, %s: %s: %s\n", task->library->name, fate->name,
                ok ? "connected" : "failed", why);
    }
    task->made++;
}

static void *go_on(void *argument)
{
    const struct timespec pause = {.tv_nsec = PAUSE * 1000000L};
    while (!over) {
        connect_once(argument);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

static long least_since_last(void)
{
    long least = -1;
    for (size_t i = 0; i < THREADS; i++) {
        const long made = tasks[i].made, since = made - tasks[i].told;
        tasks[i].told = made;
        if (least < 0 || since < least)
            least = since;
    }
    return least;
}

static void report(void)
{
    printf("connected=%ld refused=%ld wrong=%ld least=%ld\n", connected, refused, wrong, least_since_last());
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const struct library *const libraries[] = {&by_openssl, &by_gnutls, &by_nss};
    pthread_t threads[THREADS];
    char line[64];
    if (argc != 7)
        return 2;
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < 3; i++) {
        fates[i].host = argv[i == 2 ? 2 : 1];
        fates[i].port = atoi(argv[3 + i]);
        libraries[i]->start(argv[6]);
    }
    for (int i = 0; i < THREADS; i++) {
        tasks[i].library = libraries[i % 3];
        tasks[i].fate = &fates[i / 3 % 3];
        if (pthread_create(&threads[i], NULL, go_on, &tasks[i]) != 0)
            return 3;
    }
    while (fgets(line, sizeof line, stdin))
        report();
    over = true;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    report();
    return 0;
}
