#include "promote/cmd_desk.h"
#include "promote/cmd_promote.h"

#include "base/json.h"
#include "base/out.h"
#include "base/txn.h"

#include <inttypes.h>
#include <string.h>

struct drafts_options {
    const char *drafts;
    const char *format;
    struct opk_opt_number min_commands;
    struct opk_opt_number min_sessions;
    const char *registry;
    const char *type;
};

#define ROW(name, type, value, help, field)                                                        \
    OPK_OPT(name, 0, type, value, help, struct drafts_options, field)

/* Proposed ids up to this width stand in a column. */
#define ID_COLUMN_MAX 48

static const struct opk_opt OPTS[] = {
    ROW("drafts", TEXT, "FILE", "the drafts file (default: beside the registry)", drafts),
    ROW("format", CHOICE, "text|json", "how the drafts are printed", format),
    ROW("min-commands", NUMBER, "N", "only drafts with at least N commands", min_commands),
    ROW("min-sessions", NUMBER, "N", "only drafts with at least N sessions", min_sessions),
    ROW("registry", TEXT, "FILE", "the registry (default: the repository's)", registry),
    ROW("type", CHOICE, "any|command|pipeline|tool|sequence", "only drafts of this type", type),
    OPK_OPT_END,
};

struct listing {
    struct opk_cli *cli;
    const struct drafts_options *options;
    struct opk_cmd_desk desk;
    const struct opk_draft **chosen; /* in the cli's arena */
    size_t count;
    bool full; /* show, not list */
};

/* --- Choosing ----------------------------------------------------------------------------------
 */

static bool passes(const struct drafts_options *options, const struct opk_draft *draft)
{
    bool any = strcmp(options->type, "any") == 0;

    return (any || opk_str_eq(draft->type, opk_str_of(options->type))) &&
           draft->support.commands >= options->min_commands.value &&
           draft->support.sessions >= options->min_sessions.value;
}

/* The drafts that are named, in that order, or all that pass the filters, by rank. */
static enum opk_status choose(struct listing *listing, struct opk_err *err)
{
    const struct opk_cli *cli = listing->cli;
    const struct opk_drafts *drafts = &listing->desk.parsed_drafts;
    size_t named = cli->operand_count - 1;
    enum opk_status status = OPK_OK;

    listing->chosen = opk_arena_array(cli->arena, (named ? named : drafts->count) + 1,
                                      sizeof(const struct opk_draft *));
    if (!listing->chosen)
        return opk_arena_check(cli->arena, err);
    for (size_t i = 0; status == OPK_OK && i < named; i++)
        status = opk_cmd_desk_draft(&listing->desk, cli->operands[i + 1],
                                    &listing->chosen[listing->count++], err);
    for (size_t i = 0; !named && i < drafts->count; i++) {
        if (passes(listing->options, &drafts->items[i]))
            listing->chosen[listing->count++] = &drafts->items[i];
    }
    return status;
}

/* What was decided since the drafts were written; out_kind is the kind that it became. */
static const char *state_of(const struct listing *listing, const struct opk_draft *draft,
                            struct opk_str *out_kind)
{
    const struct opk_registered *kind =
        opk_registry_find_promoted(&listing->desk.parsed_registry, draft->id);

    *out_kind = kind ? kind->id : OPK_STR_EMPTY;
    if (kind)
        return "promoted";
    if (opk_decisions_reject(&listing->desk.parsed_decisions, draft->id, &draft->support))
        return "rejected";
    return "open";
}

/* --- Text --------------------------------------------------------------------------------------
 */

static void add_safe(struct opk_buf *out, struct opk_str text)
{
    opk_out_terminal(out, text, false);
}

static void add_state(const struct listing *listing, const struct opk_draft *draft,
                      struct opk_buf *out)
{
    struct opk_str kind;
    const char *state = state_of(listing, draft, &kind);

    if (strcmp(state, "open") == 0)
        return;
    opk_buf_printf(out, "  (%s%s", state, kind.len > 0 ? " as " : "");
    add_safe(out, kind);
    opk_buf_append_byte(out, ')');
}

/* Text in a column; longer text pushes what follows to the right. */
static void add_column(struct opk_buf *out, struct opk_str text, size_t width)
{
    size_t begin = out->len;

    add_safe(out, text);
    size_t used = out->len - begin;
    opk_buf_append_fill(out, ' ', used < width ? width - used : 0);
}

static void list_text(const struct listing *listing, struct opk_buf *out)
{
    size_t width = 0;

    for (size_t i = 0; i < listing->count; i++) {
        size_t len = listing->chosen[i]->proposed_id.len;
        width = len > width && len <= ID_COLUMN_MAX ? len : width;
    }
    if (listing->count > 0)
        opk_buf_printf(out, "%-14s  %8s  %8s  %-8s  %-*s  summary\n", "draft", "commands",
                       "sessions", "type", (int)width, "proposed id");
    for (size_t i = 0; i < listing->count; i++) {
        const struct opk_draft *draft = listing->chosen[i];
        opk_buf_printf(out, "%.*s  %8" PRIu64 "  %8" PRIu64 "  ", OPK_STR_FMT(draft->id),
                       draft->support.commands, draft->support.sessions);
        add_column(out, draft->type, 8);
        opk_buf_append_cstr(out, "  ");
        add_column(out, draft->proposed_id, width < 11 ? 11 : width);
        opk_buf_append_cstr(out, "  ");
        add_safe(out, draft->summary);
        add_state(listing, draft, out);
        opk_buf_append_byte(out, '\n');
    }
}

static void show_shapes(const struct opk_draft *draft, struct opk_buf *out)
{
    for (size_t i = 0; i < draft->shape_count; i++) {
        opk_buf_printf(out, "  %s%10" PRIu64 "  ", i == 0 ? "shapes  " : "        ",
                       draft->shapes[i].count);
        add_safe(out, draft->shapes[i].text);
        opk_buf_append_byte(out, '\n');
    }
}

/* Of a sequence, each command on a line of its own. */
static void add_command(struct opk_buf *out, const struct opk_draft *draft, struct opk_str command)
{
    size_t end = opk_str_eq(draft->type, OPK_STR("sequence")) ? opk_str_find_byte(command, '\n', 0)
                                                              : OPK_NPOS;

    while (end != OPK_NPOS) {
        add_safe(out, opk_str_slice(command, 0, end));
        opk_buf_append_cstr(out, "\n            ");
        command = opk_str_skip(command, end + 1);
        end = opk_str_find_byte(command, '\n', 0);
    }
    add_safe(out, command);
}

static void show_examples(const struct opk_draft *draft, struct opk_buf *out)
{
    for (size_t i = 0; i < draft->example_count; i++) {
        const struct opk_draft_example *example = &draft->examples[i];
        opk_buf_append_cstr(out, i == 0 ? "  examples  " : "            ");
        add_command(out, draft, example->command);
        opk_buf_append_cstr(out, "\n              ");
        add_safe(out, example->source);
        if (example->at > 0)
            opk_buf_printf(out, ":%" PRIu64, example->at);
        opk_buf_append_byte(out, '\n');
    }
}

static void show_steps(const struct opk_draft *draft, struct opk_buf *out)
{
    for (size_t i = 0; i < draft->step_count; i++) {
        opk_buf_append_cstr(out, i == 0 ? "  steps     " : ", then ");
        add_safe(out, draft->steps[i]);
    }
    if (draft->step_count > 0)
        opk_buf_append_byte(out, '\n');
}

static void show_text(const struct listing *listing, struct opk_buf *out)
{
    for (size_t i = 0; i < listing->count; i++) {
        const struct opk_draft *draft = listing->chosen[i];
        opk_buf_printf(out, "%s%.*s  ", i ? "\n" : "", OPK_STR_FMT(draft->id));
        add_safe(out, draft->proposed_id);
        opk_buf_append_cstr(out, "  ");
        add_safe(out, draft->type);
        add_state(listing, draft, out);
        opk_buf_append_cstr(out, "\n  ");
        add_safe(out, draft->summary);
        opk_buf_printf(out,
                       "\n  support   %" PRIu64 " commands, %" PRIu64 " sessions, %" PRIu64
                       " sources, %" PRIu64 " users, %" PRIu64 " projects",
                       draft->support.commands, draft->support.sessions, draft->sources,
                       draft->users, draft->projects);
        if (draft->failed.len > 0)
            opk_buf_append_cstr(out, ", failed ");
        add_safe(out, draft->failed);
        opk_buf_append_byte(out, '\n');
        if (draft->first_seen.len > 0) {
            opk_buf_append_cstr(out, "  seen      ");
            add_safe(out, draft->first_seen);
            opk_buf_append_cstr(out, " to ");
            add_safe(out, draft->last_seen);
            opk_buf_append_byte(out, '\n');
        }
        show_shapes(draft, out);
        show_steps(draft, out);
        show_examples(draft, out);
    }
}

/* --- JSON --------------------------------------------------------------------------------------
 */

static void member_text(struct opk_json_writer *writer, const char *key, struct opk_str text)
{
    opk_json_key(writer, key);
    if (text.len > 0)
        opk_json_string(writer, text);
    else
        opk_json_null(writer);
}

static void member_count(struct opk_json_writer *writer, const char *key, uint64_t count)
{
    opk_json_key(writer, key);
    opk_json_number(writer, (int64_t)(count & INT64_MAX));
}

/* A number as the file has it: digits with one point at most; anything else as a string. */
static void member_number(struct opk_json_writer *writer, const char *key, struct opk_str text)
{
    size_t point = opk_str_find_byte(text, '.', 0);
    struct opk_str whole = opk_str_slice(text, 0, point);
    struct opk_str part = point == OPK_NPOS ? OPK_STR("0") : opk_str_skip(text, point + 1);
    uint64_t value;

    if (!opk_str_to_u64(whole, &value) || !opk_str_to_u64(part, &value) ||
        (whole.len > 1 && whole.data[0] == '0')) {
        member_text(writer, key, text);
        return;
    }
    opk_json_key(writer, key);
    opk_buf_append(writer->out, text);
    writer->comma = true;
}

static void json_support(struct opk_json_writer *writer, const struct opk_draft *draft)
{
    opk_json_key(writer, "support");
    opk_json_open(writer, '{');
    member_count(writer, "commands", draft->support.commands);
    member_count(writer, "sessions", draft->support.sessions);
    member_count(writer, "sources", draft->sources);
    member_count(writer, "users", draft->users);
    member_count(writer, "projects", draft->projects);
    member_number(writer, "failed", draft->failed);
    opk_json_close(writer, '}');
}

static void json_lists(struct opk_json_writer *writer, const struct opk_draft *draft)
{
    opk_json_key(writer, "shapes");
    opk_json_open(writer, '[');
    for (size_t i = 0; i < draft->shape_count; i++) {
        opk_json_open(writer, '{');
        member_text(writer, "shape", draft->shapes[i].text);
        member_count(writer, "count", draft->shapes[i].count);
        opk_json_close(writer, '}');
    }
    opk_json_close(writer, ']');
    opk_json_key(writer, "steps");
    opk_json_open(writer, '[');
    for (size_t i = 0; i < draft->step_count; i++)
        opk_json_string(writer, draft->steps[i]);
    opk_json_close(writer, ']');
    opk_json_key(writer, "examples");
    opk_json_open(writer, '[');
    for (size_t i = 0; i < draft->example_count; i++) {
        opk_json_open(writer, '{');
        member_text(writer, "command", draft->examples[i].command);
        member_text(writer, "source", draft->examples[i].source);
        member_count(writer, "at", draft->examples[i].at);
        opk_json_close(writer, '}');
    }
    opk_json_close(writer, ']');
}

static void print_json(const struct listing *listing, struct opk_buf *out)
{
    struct opk_json_writer writer = OPK_JSON_WRITER(out);

    opk_json_open(&writer, '{');
    opk_json_key(&writer, "drafts");
    opk_json_open(&writer, '[');
    for (size_t i = 0; i < listing->count; i++) {
        const struct opk_draft *draft = listing->chosen[i];
        struct opk_str kind;
        const char *state = state_of(listing, draft, &kind);
        opk_json_open(&writer, '{');
        member_text(&writer, "draft_id", draft->id);
        member_text(&writer, "proposed_id", draft->proposed_id);
        member_text(&writer, "type", draft->type);
        member_text(&writer, "summary", draft->summary);
        member_text(&writer, "signature", draft->signature);
        member_text(&writer, "state", opk_str_of(state));
        member_text(&writer, "kind_id", kind);
        json_support(&writer, draft);
        member_text(&writer, "first_seen", draft->first_seen);
        member_text(&writer, "last_seen", draft->last_seen);
        member_number(&writer, "score", draft->score);
        if (listing->full)
            json_lists(&writer, draft);
        opk_json_close(&writer, '}');
    }
    opk_json_close(&writer, ']');
    opk_json_close(&writer, '}');
    opk_buf_append_byte(out, '\n');
}

/* --- The verb ----------------------------------------------------------------------------------
 */

static enum opk_status check_operands(struct listing *listing, struct opk_err *err)
{
    const char *what = listing->cli->operands[0];

    listing->full = strcmp(what, "show") == 0;
    if (!listing->full && strcmp(what, "list") != 0)
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                        "'drafts' is followed by list or show, not '%s'", what);
    if (!listing->full && listing->cli->operand_count > 1)
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                        "'drafts list' takes no draft; try 'opk drafts show %s'",
                        listing->cli->operands[1]);
    return OPK_OK;
}

static enum opk_status print(struct listing *listing, struct opk_err *err)
{
    struct opk_buf out = OPK_BUF_EMPTY;
    enum opk_status status;

    if (strcmp(listing->options->format, "json") == 0)
        print_json(listing, &out);
    else if (listing->full)
        show_text(listing, &out);
    else
        list_text(listing, &out);
    status = opk_cli_write(listing->cli, &out, err);
    opk_buf_done(&out);
    if (status == OPK_OK && listing->count == 0) {
        struct opk_err note;
        opk_err_set(&note, OPK_E_NOENT, OPK_AT_PATH(listing->desk.drafts_path), "%s",
                    listing->desk.parsed_drafts.count > 0 ? "no draft passes these filters"
                                                          : "there are no drafts");
        opk_cli_note(listing->cli, &note);
    }
    return status;
}

static int run(struct opk_cli *cli, const void *values)
{
    struct listing listing = {.cli = cli, .options = values, .desk = OPK_CMD_DESK_EMPTY};
    struct opk_err err;
    enum opk_status status = check_operands(&listing, &err);

    if (status == OPK_OK)
        status = opk_cmd_desk_locate(cli, listing.options->drafts, listing.options->registry,
                                     &listing.desk, &err);
    if (status == OPK_OK)
        status = opk_txn_check_none_pending(&listing.desk.root, &err);
    if (status == OPK_OK)
        status = opk_cmd_desk_read(cli, &listing.desk, &err);
    if (status == OPK_OK)
        status = choose(&listing, &err);
    if (status == OPK_OK)
        status = print(&listing, &err);
    opk_cmd_desk_done(&listing.desk);
    return status == OPK_OK ? OPK_EXIT_OK : opk_cli_fail(cli, &err);
}

const struct opk_verb OPK_VERB_DRAFTS = {
    .name = "drafts",
    .stage = "drafts to registry",
    .summary = "list the drafts, or show them with their evidence",
    .operands = "list|show [DRF-...]",
    .details = "Drafts stand in the order of their rank. Those that were decided since discover\n"
               "wrote them are marked.\n",
    .opts = OPTS,
    .values_size = sizeof(struct drafts_options),
    .min_operands = 1,
    .max_operands = OPK_OPERANDS_ANY,
    .run = run,
};
