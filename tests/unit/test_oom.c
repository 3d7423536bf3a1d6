#include "support/oom.h"
#include "support/support.h"
#include "support/temp.h"

#include "base/json.h"
#include "base/map.h"
#include "base/opt.h"
#include "base/out.h"
#include "base/txn.h"
#include "base/upward.h"
#include "base/yaml.h"
#include "promote/promote.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum opk_status use_containers(void *context, struct opk_err *err)
{
    struct opk_buf buf = OPK_BUF_EMPTY;
    struct opk_arena arena = {0};
    struct opk_map *map = NULL;
    enum opk_status status = opk_map_new(&map, err);

    (void)context;
    for (unsigned i = 0; status == OPK_OK && i < 200; i++) {
        uint32_t index;
        bool is_new;
        opk_buf_printf(&buf, "key %u;", i);
        opk_out_terminal(&buf, OPK_STR("\x1b[31m"), false);
        struct opk_str key = opk_arena_printf(&arena, "%0600u", i);
        status = opk_arena_check(&arena, err);
        if (status == OPK_OK)
            status = opk_map_add(map, key, &index, &is_new, err);
    }
    if (status == OPK_OK)
        status = opk_buf_check(&buf, err);
    opk_map_free(map);
    opk_arena_done(&arena);
    opk_buf_done(&buf);
    return status;
}

static enum opk_status parse_json(void *context, struct opk_err *err)
{
    struct opk_doc doc = {0};
    enum opk_status status = opk_json_parse(
        OPK_STR("{\"a\":[1,2,{\"b\\u0020c\":\"\\n\"}],\"d\":null}"), "x.json", &doc, err);

    (void)context;
    if (status == OPK_OK)
        opk_doc_done(&doc);
    return status;
}

static enum opk_status parse_options(void *context, struct opk_err *err)
{
    struct values {
        struct opk_opt_list items;
        const char *format;
    } values;
    const struct opk_opt opts[] = {
        OPK_OPT("format", 0, CHOICE, "text|json", "help", struct values, format),
        OPK_OPT("item", 'i', LIST, "X", "help", struct values, items),
        OPK_OPT_END,
    };
    const struct opk_verb verb = {.name = "v",
                                  .summary = "s",
                                  .operands = "X",
                                  .opts = opts,
                                  .values_size = sizeof(values),
                                  .max_operands = 9};
    char words[][8] = {"a", "-ib", "--json", "--item", "c"};
    char *argv[] = {words[0], words[1], words[2], words[3], words[4]};
    struct opk_arena arena = {0};
    struct opk_cli cli = {.verb = &verb, .arena = &arena};
    struct opk_buf help = OPK_BUF_EMPTY;
    enum opk_status status = opk_opt_parse(&cli, 5, argv, &values, err);

    (void)context;
    opk_opt_help(&verb, &help);
    if (status == OPK_OK)
        status = opk_buf_check(&help, err);
    opk_buf_done(&help);
    opk_arena_done(&arena);
    return status;
}

static enum opk_status use_files(void *context, struct opk_err *err)
{
    static const char *const MARKERS[] = {"a", NULL};
    const struct opk_temp *temp = context;
    struct opk_arena arena = {0};
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_str *names;
    size_t count;
    char path[512];
    enum opk_status status = opk_root_list(&temp->root, "", &arena, &names, &count, err);

    (void)snprintf(path, sizeof(path), "%s/a", temp->path);
    if (status == OPK_OK)
        status = opk_root_read(&temp->root, "a", 100, &text, err);
    if (status == OPK_OK)
        status = opk_file_replace(path, opk_buf_str(&text), err);
    if (status == OPK_OK)
        status = opk_find_upward(temp->path, MARKERS, &text, err);
    opk_buf_done(&text);
    opk_arena_done(&arena);
    return status;
}

static enum opk_status change_files(struct opk_txn *txn, const struct opk_root *root,
                                    struct opk_err *err)
{
    struct opk_buf old = OPK_BUF_EMPTY;
    enum opk_status status = opk_root_read(root, "a", 100, &old, err);
    struct opk_str before = opk_buf_str(&old);
    bool is_old = opk_str_eq(before, OPK_STR("old"));

    if (status == OPK_OK)
        status = opk_txn_put(txn, "a", &before, is_old ? OPK_STR("new") : OPK_STR("old"), err);
    if (status == OPK_OK && !opk_root_has(root, "f/b"))
        status = opk_txn_put(txn, "f/b", NULL, OPK_STR("b"), err);
    if (status == OPK_OK)
        status = opk_txn_commit(txn, err);
    opk_buf_done(&old);
    return status;
}

/* Where memory fails behind the commit point, the next run's begin finishes the work. */
static enum opk_status use_transaction(void *context, struct opk_err *err)
{
    const struct opk_temp *temp = context;
    struct opk_txn *txn = NULL;
    enum opk_status status = opk_txn_begin(&temp->root, &txn, err);

    if (status == OPK_OK)
        status = change_files(txn, &temp->root, err);
    opk_txn_free(txn);
    return status;
}

static const char REGISTRY[] = "# kinds\n"
                               "operation_kinds:\n"
                               "  - id: OPK-LS\n"
                               "    status: active\n"
                               "    matches: [ls …]\n"
                               "  - id: OPK-GIT-COMMIT\n"
                               "    status: draft\n"
                               "    used_by: [PAT-A-001]\n";

static const char DRAFTS[] = "drafts:\n"
                             "  - draft_id: DRF-0000000001\n"
                             "    proposed_id: OPK-GIT-COMMIT\n"
                             "    type: command\n"
                             "    signature: git commit\n"
                             "    shapes: [{shape: \"git commit -m <text>\", count: 3}]\n"
                             "    steps: [a]\n"
                             "    support: {commands: 3, sessions: 2}\n"
                             "    examples: [{command: git commit, source: x, at: 1}]\n";

static const char DECISIONS[] =
    "{\"ulid\":\"1\",\"draft_id\":\"DRF-0000000002\",\"action\":\"reject\",\"why\":\"\\u00e9\","
    "\"support\":{\"commands\":1},\"after\":{\"a\":[]}}\n{\"cut\n";

static enum opk_status decide(const struct opk_desk *desk, const char *as, struct opk_err *err)
{
    const struct opk_verdict verdict = {
        .draft = &desk->drafts->items[0],
        .kind_id = opk_str_of(as),
        .name = OPK_STR_EMPTY,
        .summary = OPK_STR("a summary"),
        .why = OPK_STR("a reason"),
        .ulid = OPK_STR("01ARYZ6S410000000000000001"),
        .actor = OPK_STR("Ada <ada@example.org>"),
        .time = OPK_STR("2026-11-22T15:59:00Z"),
    };
    struct opk_outcome outcome = {0};
    struct opk_buf line = OPK_BUF_EMPTY;
    enum opk_status status = opk_promote(desk, &verdict, &outcome, err);

    if (status == OPK_OK) {
        opk_decision_append(&line, &outcome.decision);
        status = opk_buf_check(&line, err);
    }
    opk_buf_done(&line);
    opk_outcome_done(&outcome);
    if (status == OPK_OK)
        status = opk_reject(desk, &verdict, &outcome, err);
    opk_outcome_done(&outcome);
    return status;
}

static enum opk_status use_promote(void *context, struct opk_err *err)
{
    struct opk_registry registry = {0};
    struct opk_drafts drafts = {0};
    struct opk_decisions decisions = {0};
    enum opk_status status = opk_registry_parse(opk_str_of(REGISTRY), "r", &registry, err);
    const struct opk_desk desk = {"r", opk_str_of(REGISTRY), &registry, &drafts, &decisions};

    (void)context;
    if (status == OPK_OK)
        status = opk_drafts_parse(opk_str_of(DRAFTS), "d", &drafts, err);
    if (status == OPK_OK)
        status = opk_decisions_parse(opk_str_of(DECISIONS), &decisions, err);
    if (status == OPK_OK)
        status = decide(&desk, "", err);
    if (status == OPK_OK)
        status = decide(&desk, "OPK-OTHER", err);
    opk_registry_done(&registry);
    opk_drafts_done(&drafts);
    opk_decisions_done(&decisions);
    return status;
}

static void test_pure(void **state)
{
    (void)state;
    opk_oom_each("containers", use_containers, NULL);
    opk_oom_each("json", parse_json, NULL);
    opk_oom_each("options", parse_options, NULL);
    opk_oom_each("promote", use_promote, NULL);
}

static void test_files(void **state)
{
    struct opk_temp temp;

    (void)state;
    opk_temp_init(&temp);
    opk_temp_write(&temp, "a", "old");
    opk_oom_each("files", use_files, &temp);
    opk_temp_expect(&temp, "a", "old");
    opk_oom_each("transaction", use_transaction, &temp);
    opk_temp_expect(&temp, "f/b", "b");
    opk_temp_expect_list(&temp, ".opk/txn", "");
    opk_temp_done(&temp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pure),
        cmocka_unit_test(test_files),
    };

    return cmocka_run_group_tests_name("oom", tests, NULL, NULL);
}
