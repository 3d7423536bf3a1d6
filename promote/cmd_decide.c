#include "promote/cmd_decide.h"

#include "base/json.h"
#include "base/out.h"
#include "base/txn.h"
#include "promote/cmd_actor.h"
#include "promote/cmd_desk.h"

#define NEXT "opk sync --all"

struct decide {
    struct opk_cli *cli;
    const struct opk_decide_options *options;
    enum opk_action action;
    struct opk_cmd_desk desk;
    struct opk_txn *txn; /* NULL with --dry-run */
    struct opk_verdict verdict;
    struct opk_outcome outcome;
};

static bool is_promotion(const struct decide *decide)
{
    return decide->action == OPK_ACTION_PROMOTE;
}

/* --- The verdict -------------------------------------------------------------------------------
 */

static enum opk_status open_desk(struct decide *decide, struct opk_err *err)
{
    const struct opk_decide_options *options = decide->options;
    enum opk_status status =
        opk_cmd_desk_locate(decide->cli, options->drafts, options->registry, &decide->desk, err);

    if (status != OPK_OK)
        return status;
    if (options->dry_run)
        status = opk_txn_check_none_pending(&decide->desk.root, err);
    else
        status = opk_txn_begin(&decide->desk.root, &decide->txn, err);
    if (status != OPK_OK)
        return status;
    return opk_cmd_desk_read(decide->cli, &decide->desk, err);
}

static enum opk_status reach_verdict(struct decide *decide, struct opk_err *err)
{
    const struct opk_decide_options *options = decide->options;
    struct opk_verdict *verdict = &decide->verdict;
    struct opk_actor actor;
    enum opk_status status =
        opk_cmd_desk_draft(&decide->desk, decide->cli->operands[0], &verdict->draft, err);

    if (status == OPK_OK)
        status = opk_cmd_actor(decide->cli, options->ulid, &actor, err);
    if (status != OPK_OK)
        return status;
    verdict->kind_id = opk_str_of(options->as);
    verdict->name = opk_str_of(options->name);
    verdict->summary = opk_str_of(options->summary);
    verdict->why = opk_str_of(options->why);
    verdict->ulid = actor.ulid;
    verdict->actor = actor.name;
    verdict->time = actor.time;
    return is_promotion(decide) ? opk_promote(&decide->desk.desk, verdict, &decide->outcome, err)
                                : opk_reject(&decide->desk.desk, verdict, &decide->outcome, err);
}

/* --- Writing -----------------------------------------------------------------------------------
 */

static enum opk_status put(struct decide *decide, const char *path, bool existed,
                           const struct opk_buf *old, const struct opk_buf *contents,
                           struct opk_err *err)
{
    struct opk_str before = opk_buf_str(old);

    return opk_txn_put(decide->txn, path, existed ? &before : NULL, opk_buf_str(contents), err);
}

static enum opk_status write_both(struct decide *decide, struct opk_err *err)
{
    const struct opk_cmd_desk *desk = &decide->desk;
    struct opk_buf audit = OPK_BUF_EMPTY;
    enum opk_status status;

    opk_buf_append(&audit, opk_buf_str(&desk->decisions_text));
    opk_decision_append(&audit, &decide->outcome.decision);
    status = opk_buf_check(&audit, err);
    if (status == OPK_OK)
        status =
            put(decide, desk->decisions, desk->has_decisions, &desk->decisions_text, &audit, err);
    if (status == OPK_OK && is_promotion(decide))
        status = put(decide, desk->registry, desk->has_registry, &desk->registry_text,
                     &decide->outcome.registry, err);
    if (status == OPK_OK)
        status = opk_txn_commit(decide->txn, err);
    opk_buf_done(&audit);
    return status;
}

/* --- The report --------------------------------------------------------------------------------
 */

/* The bytes of whole lines that both texts begin with. */
static size_t common_head(struct opk_str a, struct opk_str b)
{
    size_t lines = 0;

    for (size_t i = 0; i < a.len && i < b.len && a.data[i] == b.data[i]; i++) {
        if (a.data[i] == '\n')
            lines = i + 1;
    }
    return lines;
}

/* The bytes of whole lines that both texts end with. */
static size_t common_tail(struct opk_str a, struct opk_str b)
{
    size_t lines = 0;
    size_t i = 0;

    while (i < a.len && i < b.len && a.data[a.len - 1 - i] == b.data[b.len - 1 - i]) {
        i++;
        if (i == a.len || i == b.len || a.data[a.len - 1 - i] == '\n')
            lines = i;
    }
    return lines;
}

static void add_lines(struct opk_buf *out, const char *mark, struct opk_str text)
{
    struct opk_split split = OPK_SPLIT(text, '\n');
    struct opk_str line;

    while (text.len > 0 && opk_split_next(&split, &line) && !(split.done && line.len == 0)) {
        opk_buf_append_cstr(out, mark);
        opk_out_terminal(out, opk_str_trim_end(line), false);
        opk_buf_append_byte(out, '\n');
    }
}

/* A promotion changes one place (and completing an entry, lines near each other). */
static void show_change(const struct decide *decide, struct opk_buf *out)
{
    struct opk_str old = opk_buf_str(&decide->desk.registry_text);
    struct opk_str now = opk_buf_str(&decide->outcome.registry);
    size_t head = common_head(old, now);

    old = opk_str_skip(old, head);
    now = opk_str_skip(now, head);
    size_t tail = common_tail(old, now);
    add_lines(out, "- ", opk_str_slice(old, 0, old.len - tail));
    add_lines(out, "+ ", opk_str_slice(now, 0, now.len - tail));
}

static void report_text(const struct decide *decide, struct opk_buf *out)
{
    /* By what happened, then by action. */
    static const char *const WORDS[][2] = {{"promoted", "rejected"},
                                           {"would promote", "would reject"},
                                           {"already promoted:", "already rejected:"}};
    const struct opk_outcome *outcome = &decide->outcome;
    size_t happened = outcome->already ? 2 : decide->options->dry_run ? 1 : 0;

    opk_buf_printf(out, "%s %.*s", WORDS[happened][is_promotion(decide) ? 0 : 1],
                   OPK_STR_FMT(decide->verdict.draft->id));
    if (is_promotion(decide))
        opk_buf_printf(out, " as %.*s", OPK_STR_FMT(outcome->kind_id));
    opk_buf_append_cstr(out, outcome->already ? "; nothing was written\n" : "\n");
    if (outcome->already || !is_promotion(decide))
        return;
    if (decide->options->dry_run)
        show_change(decide, out);
    opk_buf_append_cstr(out, "next: " NEXT "\n");
}

static void report_json(const struct decide *decide, struct opk_buf *out)
{
    const struct opk_outcome *outcome = &decide->outcome;
    struct opk_json_writer writer = OPK_JSON_WRITER(out);

    opk_json_open(&writer, '{');
    opk_json_key(&writer, "action");
    opk_json_string(&writer, opk_str_of(is_promotion(decide) ? "promote" : "reject"));
    opk_json_key(&writer, "draft_id");
    opk_json_string(&writer, decide->verdict.draft->id);
    if (is_promotion(decide)) {
        opk_json_key(&writer, "kind_id");
        opk_json_string(&writer, outcome->kind_id);
        opk_json_key(&writer, "registry");
        opk_json_string(&writer, opk_str_of(decide->desk.registry_path));
    }
    opk_json_key(&writer, "already");
    opk_json_bool(&writer, outcome->already);
    opk_json_key(&writer, "dry_run");
    opk_json_bool(&writer, decide->options->dry_run);
    if (!outcome->already) {
        opk_json_key(&writer, "ulid");
        opk_json_string(&writer, outcome->decision.ulid);
    }
    if (!outcome->already && is_promotion(decide)) {
        opk_json_key(&writer, "next");
        opk_json_string(&writer, OPK_STR(NEXT));
    }
    opk_json_close(&writer, '}');
    opk_buf_append_byte(out, '\n');
}

static enum opk_status report(const struct decide *decide, struct opk_err *err)
{
    struct opk_buf out = OPK_BUF_EMPTY;
    enum opk_status status;

    if (opk_str_eq(opk_str_of(decide->options->format), OPK_STR("json")))
        report_json(decide, &out);
    else
        report_text(decide, &out);
    status = opk_cli_write(decide->cli, &out, err);
    opk_buf_done(&out);
    return status;
}

int opk_cmd_decide(struct opk_cli *cli, const struct opk_decide_options *options,
                   enum opk_action action)
{
    struct decide decide = {
        .cli = cli, .options = options, .action = action, .desk = OPK_CMD_DESK_EMPTY};
    struct opk_err err;
    enum opk_status status = open_desk(&decide, &err);

    if (status == OPK_OK)
        status = reach_verdict(&decide, &err);
    if (status == OPK_OK && !decide.outcome.already && !options->dry_run)
        status = write_both(&decide, &err);
    if (status == OPK_OK)
        status = report(&decide, &err);
    opk_outcome_done(&decide.outcome);
    opk_cmd_desk_done(&decide.desk);
    opk_txn_free(decide.txn);
    return status == OPK_OK ? OPK_EXIT_OK : opk_cli_fail(cli, &err);
}
