/*
 * measure - run a command some times and print the least time and the greatest memory it took.
 *
 * usage: measure RUNS COMMAND [ARGUMENT...]
 * prints: seconds of processor time, seconds by the clock, KiB of memory at most
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

static double now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

/* One run, its output thrown away; false when it failed. */
static int run(char **argv, struct rusage *out_usage)
{
    posix_spawn_file_actions_t actions;
    int status = 1;
    pid_t child;

    if (posix_spawn_file_actions_init(&actions) != 0)
        return 0;
    if (posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) != 0 ||
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) != 0 ||
        posix_spawnp(&child, argv[0], &actions, NULL, argv, environ) != 0 ||
        wait4(child, &status, 0, out_usage) != child)
        status = 1;
    (void)posix_spawn_file_actions_destroy(&actions);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
    double processor = 1e9;
    double clock = 1e9;
    long memory = 0;

    if (argc < 3)
        return 2;
    for (long runs = strtol(argv[1], NULL, 10); runs > 0; runs--) {
        struct rusage usage;
        double begin = now();
        if (!run(argv + 2, &usage)) {
            (void)fprintf(stderr, "measure: %s failed\n", argv[2]);
            return 1;
        }
        double took = now() - begin;
        double used = seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
        processor = used < processor ? used : processor;
        clock = took < clock ? took : clock;
        memory = usage.ru_maxrss > memory ? usage.ru_maxrss : memory;
    }
    (void)printf("%.3f %.3f %ld\n", processor, clock, memory);
    return 0;
}
