/* The policy in force under threads: whoever holds one has one whole policy, however often it is replaced. */
#include "config/compile.h"
#include "shim/policy.h"
#include "shim/policy_in_force.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 32, FEW_THREADS = 4, REPLACEMENTS = 1000, FORKS = 20 };

/* Two policies with a host each, of which the other knows nothing. */
static const char *const hosts[] = {"one.example", "two.example"};
static int images[2];
static uint64_t versions[2];

static int image_of(const char *host)
{
    struct diagnostics diagnostics = {0};
    char text[512], path[] = "/tmp/pinshim-test-XXXXXX";
    const int fd = mkstemp(path), image_fd = memfd_create("image", MFD_CLOEXEC);
    const int length = snprintf(text, sizeof text,
                                "version = 1; events = { syslog = false; };\n"
                                "domains = ( { name = \"%s\"; service = \"custom\"; pins = "
                                "[\"sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\"]; } );\n",
                                host);
    ck_assert_int_eq(write(fd, text, (size_t)length), length);
    close(fd);
    const struct compilation compilation = {
        .path = path, .use = POLICY_TO_OBEY, .image_fd = image_fd, .files_fd = -1};
    ck_assert(policy_compile(&compilation, &diagnostics));
    diagnostics_free(&diagnostics);
    unlink(path);
    return image_fd;
}

/* Without Check's assertions, each of which is told to its parent. */
static bool put_in_force(int which)
{
    struct image image;
    return image_open(&image, images[which]) == IMAGE_OK && policy_put_in_force(&image, false, false, true);
}

static atomic_bool stop;

static void setup(void)
{
    stop = false;
    unsetenv("PINSHIM_CONFIG");
    policy_start();
    for (int i = 1; i >= 0; i--) {
        images[i] = image_of(hosts[i]);
        ck_assert(put_in_force(i));
        versions[i] = policy_in_force()->image.header.policy_version;
    }
}

/* True where a policy knows its own host, and that one alone. */
static bool is_whole(const struct policy *policy)
{
    struct rule rule;
    const int which = policy->image.header.policy_version == versions[1];
    return !policy->refused && policy->image.header.policy_version == versions[which] &&
           rule_resolve(&policy->image, &policy->applied, hosts[which], 0, &rule) == RULE_FOUND &&
           rule_resolve(&policy->image, &policy->applied, hosts[!which], 0, &rule) == RULE_NONE;
}

static void *judge(void *failed)
{
    while (!stop) {
        const struct policy *policy = policy_acquire();
        const bool whole = policy && is_whole(policy);
        policy_release(policy);
        if (!whole)
            return failed;
    }
    return NULL;
}

static void start_all(pthread_t *threads, int count)
{
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, judge, &stop), 0);
}

static void stop_all(const pthread_t *threads, int count)
{
    stop = true;
    for (int i = 0; i < count; i++) {
        void *failed;
        ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
        ck_assert_ptr_null(failed);
    }
}

START_TEST(threads_hold_whole_policies)
{
    pthread_t threads[THREADS];
    setup();
    start_all(threads, THREADS);
    bool replaced = true;
    for (int i = 0; i < REPLACEMENTS; i++)
        replaced &= put_in_force(i % 2);
    stop_all(threads, THREADS);
    ck_assert(replaced);
}
END_TEST

static void *replace(void *failed)
{
    for (int i = 0; !stop; i++)
        if (!put_in_force(i % 2))
            return failed;
    return NULL;
}

/* What the child inherits is whole, and it can replace it itself. */
static int in_child(void)
{
    alarm(20);
    for (int i = 0; i < 4; i++) {
        const struct policy *policy = policy_acquire();
        if (!policy || !is_whole(policy))
            return 1;
        policy_release(policy);
        if (!put_in_force(i % 2))
            return 2;
    }
    return 0;
}

START_TEST(a_child_forked_in_the_midst_of_a_replacement_goes_on)
{
    pthread_t threads[FEW_THREADS], replacing;
    int bad = 0;
    setup();
    start_all(threads, FEW_THREADS);
    ck_assert_int_eq(pthread_create(&replacing, NULL, replace, &stop), 0);
    for (int i = 0; i < FORKS; i++) {
        const pid_t child = fork();
        if (child == 0)
            _exit(in_child());
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        if (status != 0)
            bad = status;
    }
    void *failed;
    stop_all(threads, FEW_THREADS);
    ck_assert_int_eq(pthread_join(replacing, &failed), 0);
    ck_assert_ptr_null(failed);
    ck_assert_msg(bad == 0, "a child ended with status %x", (unsigned)bad);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("policy in force");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, threads_hold_whole_policies);
    tcase_add_test(tests, a_child_forked_in_the_midst_of_a_replacement_goes_on);
    return unit_run("policy in force", tests);
}
