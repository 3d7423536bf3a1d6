#include "cluster/session.h"

#include "base/hash.h"
#include "support/support.h"

#include <string.h>

static struct opk_command command_of(const char *session, const char *source, uint64_t at)
{
    return (struct opk_command){
        .session = opk_str_of(session),
        .source = opk_str_of(source),
        .tool = OPK_STR_EMPTY,
        .id = OPK_STR_EMPTY,
        .cwd = OPK_STR_EMPTY,
        .host = OPK_STR_EMPTY,
        .user = OPK_STR_EMPTY,
        .shell = OPK_STR_EMPTY,
        .at = at,
        .time = OPK_UNKNOWN,
    };
}

static void add(struct opk_sessions *sessions, const struct opk_command *command, uint32_t step,
                const char *text)
{
    assert_int_equal(opk_sessions_add(sessions, command, step, opk_str_of(text), NULL), OPK_OK);
}

static const struct opk_strand *find(const struct opk_sessions *sessions, const char *session,
                                     const char *source, uint64_t flags)
{
    for (size_t i = 0; i < sessions->count; i++) {
        const struct opk_strand_key *key = &sessions->strands[i].key;
        if (key->session == opk_hash64(opk_str_of(session)) &&
            key->source == opk_hash64(opk_str_of(source)) && key->flags == flags)
            return &sessions->strands[i];
    }
    return NULL;
}

static void assert_steps(const struct opk_strand *strand, const uint32_t *steps, size_t count)
{
    assert_true(strand && strand->count == count &&
                memcmp(strand->steps, steps, count * sizeof(*steps)) == 0);
}

/* Sessions and sub-agents that alternate in one source keep to themselves; lists leave nothing. */
static void test_strands(void **state)
{
    struct opk_sessions sessions = {0};
    struct opk_command one = command_of("s1", "x", 1);
    struct opk_command two = command_of("s2", "x", 2);
    struct opk_command side = command_of("s1", "x", 3);
    struct opk_command elsewhere = command_of("s1", "y", 1);
    struct opk_command unnamed = command_of("", "z", 1);
    struct opk_command listed = command_of("z", "z", 2);

    (void)state;
    side.flags = OPK_COMMAND_SIDECHAIN | OPK_COMMAND_BACKGROUND;
    listed.flags = OPK_COMMAND_LISTED;
    add(&sessions, &one, 10, "a");
    add(&sessions, &two, 20, "b");
    add(&sessions, &one, 11, "c");
    add(&sessions, &side, 30, "d");
    add(&sessions, &one, 12, "e");
    add(&sessions, &elsewhere, 40, "f");
    add(&sessions, &unnamed, 50, "g");
    add(&sessions, &listed, 60, "h");
    assert_int_equal(opk_sessions_sort(&sessions, NULL), OPK_OK);
    assert_int_equal(sessions.count, 5);
    assert_steps(find(&sessions, "s1", "x", 0), (const uint32_t[]){10, 11, 12}, 3);
    assert_steps(find(&sessions, "s2", "x", 0), (const uint32_t[]){20}, 1);
    assert_steps(find(&sessions, "s1", "x", OPK_COMMAND_SIDECHAIN), (const uint32_t[]){30}, 1);
    assert_steps(find(&sessions, "s1", "y", 0), (const uint32_t[]){40}, 1);
    assert_steps(find(&sessions, "z", "z", 0), (const uint32_t[]){50}, 1);
    opk_sessions_done(&sessions);
}

/* One mark a day, at its first step. */
static void test_marks(void **state)
{
    static const int64_t DAY = 86400000;
    struct opk_sessions sessions = {0};
    struct opk_command command = command_of("s", "x", 1);
    const int64_t times[] = {OPK_UNKNOWN, DAY + 5, DAY + 9, 3 * DAY, 3 * DAY + 1};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        command.time = times[i];
        add(&sessions, &command, 0, "");
    }
    const struct opk_strand *strand = &sessions.strands[0];
    assert_int_equal(strand->mark_count, 2);
    assert_int_equal(strand->marks[0].step, 1);
    assert_int_equal(strand->marks[0].time, DAY + 5);
    assert_int_equal(strand->marks[1].step, 3);
    assert_int_equal(strand->marks[1].time, 3 * DAY);
    opk_sessions_done(&sessions);
}

/* A source read in two parts, the second one first: one strand and one specimen, in order. */
static void test_pieces(void **state)
{
    const uint32_t numbers[] = {7, 8, 9};
    struct opk_sessions into = {0};
    struct opk_sessions from = {0};
    struct opk_command command = command_of("s", "x", 100);

    (void)state;
    add(&into, &command, 5, "third");
    command.at = 1;
    add(&from, &command, 0, "first");
    command.at = 2;
    add(&from, &command, OPK_STEP_UNREAD, "second");
    assert_int_equal(opk_sessions_merge(&into, &from, numbers, NULL), OPK_OK);
    assert_int_equal(opk_sessions_sort(&into, NULL), OPK_OK);
    assert_int_equal(into.count, 1);
    assert_steps(&into.strands[0], (const uint32_t[]){7, OPK_STEP_UNREAD, 5}, 3);
    assert_int_equal(into.specimens.count, 1);
    const struct opk_specimen *specimen = &into.specimens.items[0];
    assert_int_equal(specimen->count, 3);
    opk_assert_str("first", opk_specimen_text(specimen, 0), OPK_STR("first"));
    opk_assert_str("third", opk_specimen_text(specimen, 2), OPK_STR("third"));
    opk_assert_str("source", opk_specimen_source(specimen), OPK_STR("x"));
    assert_int_equal(specimen->steps[0].step, 7);
    assert_int_equal(specimen->steps[2].at, 100);
    opk_sessions_done(&into);
    opk_sessions_done(&from);
}

/* Sixteen windows hold what fits exactly; so many texts of 1 KiB and their places. */
#define WINDOWS     16
#define TEXTS       (OPK_SPECIMENS_MAX / (OPK_SPECIMEN_TEXT_MAX + OPK_SPECIMEN_OVERHEAD))
#define IN_A_WINDOW (TEXTS / WINDOWS)

/* Add texts first to last of so many as the windows hold, in either order of windows. */
static void fill(struct opk_sessions *sessions, size_t first, size_t last)
{
    static char text[OPK_SPECIMEN_TEXT_MAX + 2];

    memset(text, 'x', sizeof(text) - 1);
    for (size_t i = first; i < last; i++) {
        struct opk_command command = command_of("s", "x", 0);
        command.at = (i / IN_A_WINDOW) << OPK_SPECIMEN_WINDOW;
        add(sessions, &command, 0, text);
    }
}

static void test_specimen_limit(void **state)
{
    const uint32_t numbers[] = {0};
    struct opk_sessions whole = {0};
    struct opk_sessions first = {0};
    struct opk_sessions second = {0};

    (void)state;
    fill(&whole, 0, IN_A_WINDOW * WINDOWS);
    assert_false(whole.specimens.is_full);
    fill(&whole, IN_A_WINDOW * WINDOWS, IN_A_WINDOW * (WINDOWS + 2));
    assert_true(whole.specimens.is_full);
    assert_true(whole.specimens.bytes <= OPK_SPECIMENS_MAX);
    /* In two parts and the other order the same windows stay. */
    fill(&second, IN_A_WINDOW * WINDOWS / 2, IN_A_WINDOW * (WINDOWS + 2));
    fill(&first, 0, IN_A_WINDOW * WINDOWS / 2);
    assert_int_equal(opk_sessions_merge(&second, &first, numbers, NULL), OPK_OK);
    assert_int_equal(opk_sessions_sort(&whole, NULL), OPK_OK);
    assert_int_equal(opk_sessions_sort(&second, NULL), OPK_OK);
    assert_int_equal(whole.specimens.count, WINDOWS);
    assert_int_equal(second.specimens.count, WINDOWS);
    for (size_t i = 0; i < WINDOWS; i++) {
        assert_int_equal(whole.specimens.items[i].hash, second.specimens.items[i].hash);
        assert_int_equal(whole.specimens.items[i].count, IN_A_WINDOW);
        assert_int_equal(opk_specimen_text(&whole.specimens.items[i], 0).len,
                         OPK_SPECIMEN_TEXT_MAX);
    }
    opk_sessions_done(&whole);
    opk_sessions_done(&first);
    opk_sessions_done(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strands),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_specimen_limit),
    };

    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
