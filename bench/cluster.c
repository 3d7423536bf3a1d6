/*
 * cluster - how long the finish step takes over many distinct raw shapes.
 *
 * usage: cluster FILE SHAPES
 * FILE holds commands, one a line; as many are read as give SHAPES distinct raw shapes. Prints the
 * raw shapes, the kinds they make, and the seconds of processor time for that.
 */
#include "base/map.h"
#include "cluster/kind.h"
#include "cluster/shape.h"
#include "cluster/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void check(enum opk_status status, const struct opk_err *err)
{
    if (status == OPK_OK)
        return;
    (void)fprintf(stderr, "cluster: %s\n", err->message);
    exit(1);
}

/* Count lines until there are enough raw shapes; how many there are. */
static uint32_t fill(struct opk_summary *summary, FILE *file, unsigned long wanted)
{
    struct opk_map *shapes = NULL;
    struct opk_steps steps = {0};
    struct opk_buf raw = OPK_BUF_EMPTY;
    struct opk_err err;
    char line[4096];
    bool is_new;
    uint32_t index;

    check(opk_map_new(&shapes, &err), &err);
    while (opk_map_count(shapes) < wanted && fgets(line, sizeof(line), file)) {
        struct opk_str text = opk_str_trim_end(opk_str_of(line));
        check(opk_steps_read(&steps, text, OPK_DIALECT_BASH, &err), &err);
        for (size_t i = 0; i < steps.count; i++) {
            opk_buf_clear(&raw);
            opk_shape_write(&raw, &steps, &steps.steps[i]);
            check(opk_map_add(shapes, opk_buf_str(&raw), &index, &is_new, &err), &err);
            check(opk_summary_add_shape(summary, opk_buf_str(&raw), 1, 0, &err), &err);
        }
    }
    index = opk_map_count(shapes);
    opk_map_free(shapes);
    opk_steps_done(&steps);
    opk_buf_done(&raw);
    return index;
}

int main(int argc, char **argv)
{
    struct opk_summary *summary = NULL;
    struct opk_kinds kinds = {0};
    struct opk_err err;
    FILE *file = argc == 3 ? fopen(argv[1], "r") : NULL;

    if (!file)
        return 2;
    check(opk_summary_new(&summary, &err), &err);
    uint32_t count = fill(summary, file, strtoul(argv[2], NULL, 10));
    (void)fclose(file);
    double begin = now();
    check(opk_kinds_build(summary, NULL, &kinds, &err), &err);
    (void)printf("%u %zu %.3f\n", count, kinds.count, now() - begin);
    opk_kinds_done(&kinds);
    opk_summary_free(summary);
    return 0;
}
