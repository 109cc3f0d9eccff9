/* A client with a life beside its connections.
 *
 * busy WAY PORT CA NAME COUNT: COUNT connections, and beside them, by WAY:
 *   alarm, restart    a SIGALRM each millisecond, without and with SA_RESTART
 *   stack=BYTES       each connection in a thread with a stack of so many bytes
 *   spawn             before each handshake a vfork and exec, a posix_spawn, and a fork whose child goes on
 *   fork              in threads, while the main thread forks children that each connect once; not in the
 *                     midst of a thread's handshake, whose locks in OpenSSL a child would have for ever
 * Prints `connected=N refused=N`, with `children=N` or `stack=BYTES` (the most that was used) where there
 * are.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, PATIENCE = 100 /* seconds */, CHILD_PATIENCE = 30, PAINT = 0xa5 };

extern char **environ;

static SSL_CTX *ctx;
static const char *name;
static int port, count;
static atomic_int connected, refused, running;
static pthread_rwlock_t may_fork = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

static int dial(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int result = -1;
    if (fd >= 0)
        do
            result = connect(fd, (struct sockaddr *)&address, sizeof address);
        while (result != 0 && errno == EINTR);
    if (result != 0 && errno != EISCONN) {
        perror("busy: connect");
        exit(3);
    }
    return fd;
}

/* Interrupted calls are called again. */
static bool again(SSL *ssl, int result)
{
    const int error = SSL_get_error(ssl, result);
    return result <= 0 && (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE);
}

static bool talk(SSL *ssl)
{
    static const char secret[] = "secret.1\n";
    char reply[64];
    int result;
    while (again(ssl, result = SSL_connect(ssl)))
        ;
    const bool shaken = result == 1;
    /* A program that doesn't look at results. */
    while (again(ssl, result = SSL_write(ssl, secret, sizeof secret - 1)))
        ;
    if (!shaken || result <= 0)
        return false;
    while (again(ssl, result = SSL_read(ssl, reply, sizeof reply)))
        ;
    return result > 0;
}

static bool connect_once(void (*before)(void))
{
    const int fd = dial();
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, fd);
    SSL_set_tlsext_host_name(ssl, name);
    SSL_set1_host(ssl, name);
    if (before)
        before();
    const bool ok = talk(ssl);
    if (ok)
        (void)SSL_shutdown(ssl);
    SSL_free(ssl);
    close(fd);
    ++*(ok ? &connected : &refused);
    return ok;
}

static void in_a_row(void (*before)(void))
{
    for (int i = 0; i < count; i++)
        (void)connect_once(before);
}

static void tick(int number)
{
    (void)number;
}

static void with_alarms(bool restart)
{
    const struct sigaction action = {.sa_handler = tick, .sa_flags = restart ? SA_RESTART : 0};
    const struct itimerval each_millisecond = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &each_millisecond, NULL);
    in_a_row(NULL);
    setitimer(ITIMER_REAL, &never, NULL);
}

static void *in_thread(void *argument)
{
    (void)argument;
    (void)connect_once(NULL);
    return NULL;
}

/* How much of a painted stack was used. */
static size_t used(const unsigned char *stack, size_t size)
{
    size_t untouched = 0;
    while (untouched < size && stack[untouched] == PAINT)
        untouched++;
    return size - untouched;
}

static size_t on_small_stacks(size_t size)
{
    const size_t guard = (size_t)sysconf(_SC_PAGESIZE);
    size_t most = 0;
    for (int i = 0; i < count; i++) {
        pthread_attr_t attributes;
        pthread_t thread;
        unsigned char *whole =
            mmap(NULL, guard + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
        unsigned char *stack = whole + guard;
        mprotect(whole, guard, PROT_NONE);
        memset(stack, PAINT, size);
        pthread_attr_init(&attributes);
        if (pthread_attr_setstack(&attributes, stack, size) != 0 ||
            pthread_create(&thread, &attributes, in_thread, NULL) != 0)
            exit(3);
        pthread_join(thread, NULL);
        pthread_attr_destroy(&attributes);
        if (used(stack, size) > most)
            most = used(stack, size);
        munmap(whole, guard + size);
    }
    return most;
}

static void wait_for(pid_t child)
{
    int status = 0;
    if (child >= 0 && waitpid(child, &status, 0) == child && status == 0)
        return;
    fprintf(stderr, "busy: a child ended with status %x\n", (unsigned)status);
    _exit(4); /* the threads are still at it */
}

/* The third child connects itself, then becomes another program. */
static void spawn_all(void)
{
    char *const arguments[] = {"true", NULL};
    pid_t child = vfork();
    if (child == 0) {
        execv("/bin/true", arguments);
        _exit(127);
    }
    wait_for(child);
    if (posix_spawn(&child, "/bin/true", NULL, NULL, arguments, environ) != 0)
        exit(4);
    wait_for(child);
    child = fork();
    if (child == 0) {
        (void)connect_once(NULL);
        execv("/bin/true", arguments);
        _exit(127);
    }
    wait_for(child);
}

static void *many_in_thread(void *argument)
{
    (void)argument;
    for (int i = 0; i < count; i++) {
        pthread_rwlock_rdlock(&may_fork);
        (void)connect_once(NULL);
        pthread_rwlock_unlock(&may_fork);
    }
    running--;
    return NULL;
}

/* As long as the threads are at it; at least one. Each child connects once, by itself. */
static int fork_meanwhile(void)
{
    int children = 0;
    do {
        pthread_rwlock_wrlock(&may_fork);
        const pid_t child = fork();
        if (child == 0) {
            alarm(CHILD_PATIENCE);
            (void)connect_once(NULL);
            _exit(0);
        }
        pthread_rwlock_unlock(&may_fork);
        wait_for(child);
        children++;
    } while (running > 0);
    return children;
}

static int forking(void)
{
    pthread_t threads[THREADS];
    running = THREADS;
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, many_in_thread, NULL) != 0)
            exit(3);
    const int children = fork_meanwhile();
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    return children;
}

static void go(const char *way)
{
    if (strcmp(way, "alarm") == 0 || strcmp(way, "restart") == 0)
        with_alarms(strcmp(way, "restart") == 0);
    else if (strncmp(way, "stack=", 6) == 0)
        printf("stack=%zu ", on_small_stacks((size_t)atol(way + 6)));
    else if (strcmp(way, "spawn") == 0)
        in_a_row(spawn_all);
    else
        printf("children=%d ", forking());
}

static SSL_CTX *context_new(const char *ca)
{
    SSL_CTX *made = SSL_CTX_new(TLS_client_method());
    if (!made || SSL_CTX_load_verify_file(made, ca) != 1)
        exit(2);
    SSL_CTX_set_verify(made, SSL_VERIFY_PEER, NULL);
    return made;
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return 2;
    port = atoi(argv[2]);
    name = argv[4];
    count = atoi(argv[5]);
    signal(SIGPIPE, SIG_IGN);
    alarm(PATIENCE);
    ctx = context_new(argv[3]);
    go(argv[1]);
    printf("connected=%d refused=%d\n", connected, refused);
    SSL_CTX_free(ctx);
    return 0;
}
