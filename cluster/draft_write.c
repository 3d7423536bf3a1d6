/*
 * The drafts file: one draft after the other, each checked by the gate before it stands.
 */
#include "cluster/draft.h"

#include "base/hash.h"
#include "base/out.h"
#include "base/parallel.h"
#include "base/rfc3339.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_LINE                                                                                \
    "# yaml-language-server: $schema=../../schemas/operation_kind_drafts.schema.json\n"

static const char *const TYPES[] = {
    [OPK_KIND_COMMAND] = "command",
    [OPK_KIND_PIPELINE] = "pipeline",
    [OPK_KIND_TOOL] = "tool",
    [OPK_KIND_SEQUENCE] = "sequence",
};

/* ---- small parts ---- */

static void append_time(struct opk_buf *out, int64_t milliseconds)
{
    char text[OPK_RFC3339_SECONDS];
    int64_t seconds = milliseconds / 1000 - (milliseconds % 1000 < 0);

    opk_rfc3339_seconds(seconds, text);
    opk_buf_append_cstr(out, text);
}

static void append_day(struct opk_buf *out, int64_t day)
{
    char text[OPK_RFC3339_SECONDS];

    opk_rfc3339_seconds(day * 86400, text);
    opk_buf_append(out, opk_str_slice(opk_str_of(text), 0, sizeof("2026-11-22") - 1));
}

/* part / whole with two places, rounded. */
static void append_hundredths(struct opk_buf *out, uint64_t hundredths)
{
    opk_buf_printf(out, "%llu.%02u", (unsigned long long)(hundredths / 100),
                   (unsigned)(hundredths % 100));
}

/* ---- examples ---- */

/* Words of an example that are compared; the rest is like every other's. */
#define EXAMPLE_WORDS_MAX 48

struct example {
    const struct opk_example *of;
    uint64_t words[EXAMPLE_WORDS_MAX]; /* their hashes */
    size_t word_count;
};

/* How one draft is written. */
struct writing {
    struct opk_redactor *redactor;
    bool doubtful;         /* the gate objected: every example is held against it alone */
    uint64_t withheld;     /* examples */
    struct opk_buf text;   /* of an example: redacted and cut */
    struct opk_buf quoted; /* the same as it is written */
};

/* Cut at a character, never within a placeholder. */
static void cut_example(struct opk_buf *text, size_t end)
{
    if (text->failed || text->len <= end)
        return;
    struct opk_str all = opk_buf_str(text);
    for (size_t at = opk_str_find(all, OPK_STR("<secret:"), 0); at != OPK_NPOS && at < end;
         at = opk_str_find(all, OPK_STR("<secret:"), at + 1)) {
        if (opk_str_find_byte(all, '>', at) >= end)
            end = at;
    }
    while (end > 0 && ((unsigned char)text->data[end] & 0xC0U) == 0x80U)
        end--;
    opk_buf_truncate(text, end);
    opk_buf_append_cstr(text, "...");
}

/* Does the gate object to an example as it will be written? Escapes may bring together what stood
 * apart. OPK_END: it does not. */
static enum opk_status scan_example(struct writing *writing, struct opk_err *err)
{
    struct opk_redact_finding finding;
    enum opk_status status;

    opk_buf_clear(&writing->quoted);
    opk_out_yaml(&writing->quoted, opk_buf_str(&writing->text));
    status = opk_buf_check(&writing->quoted, err);
    return status == OPK_OK
               ? opk_redact_scan(writing->redactor, opk_buf_str(&writing->quoted), &finding, err)
               : status;
}

/* Redact one example into writing->text. OPK_END: it is withheld. */
static enum opk_status redact_example(struct writing *writing, struct opk_str command, size_t max,
                                      struct opk_err *err)
{
    struct opk_redaction redaction = {0};
    enum opk_status status;

    opk_buf_clear(&writing->text);
    status = opk_redact(writing->redactor, command, &writing->text, &redaction, err);
    if (status == OPK_E_LIMIT || redaction.opaque)
        return OPK_END;
    if (status == OPK_OK)
        cut_example(&writing->text, max);
    if (status == OPK_OK)
        status = opk_buf_check(&writing->text, err);
    if (status != OPK_OK || !writing->doubtful)
        return status;
    status = scan_example(writing, err);
    if (status == OPK_OK || status == OPK_E_LIMIT)
        return OPK_END;
    return status == OPK_END ? OPK_OK : status;
}

/* The commands of an occurrence, a line for each, into writing->text. OPK_END: one is withheld. */
static enum opk_status redact_commands(struct writing *writing, struct opk_str commands,
                                       struct opk_err *err)
{
    struct opk_split lines = OPK_SPLIT(commands, OPK_SEQUENCE_END);
    struct opk_buf whole = OPK_BUF_EMPTY;
    struct opk_str command;
    enum opk_status status = OPK_OK;

    while (status == OPK_OK && opk_split_next(&lines, &command)) {
        if (command.len == 0)
            continue;
        status = redact_example(writing, command, OPK_DRAFT_STEP_MAX, err);
        if (whole.len > 0)
            opk_buf_append_byte(&whole, '\n');
        opk_buf_append(&whole, opk_buf_str(&writing->text));
    }
    opk_buf_clear(&writing->text);
    opk_buf_append(&writing->text, opk_buf_str(&whole));
    if (status == OPK_OK)
        status = opk_buf_check(&whole, err);
    opk_buf_done(&whole);
    return status == OPK_OK ? opk_buf_check(&writing->text, err) : status;
}

/* "2>&1" and "2>/dev/null" leave no trace in a shape either (shape.h). */
static bool tells_nothing(struct opk_str word)
{
    return opk_str_ends(word, OPK_STR(">/dev/null")) || opk_str_eq(word, OPK_STR("2>&1"));
}

static void split_example(struct example *example, const struct opk_example *of)
{
    struct opk_split words = OPK_SPLIT(of->text, ' ');
    struct opk_str word;

    example->of = of;
    example->word_count = 0;
    while (example->word_count < EXAMPLE_WORDS_MAX && opk_split_next(&words, &word)) {
        if (!tells_nothing(word))
            example->words[example->word_count++] = opk_hash64(word);
    }
}

static bool is_among(const uint64_t *hashes, size_t count, uint64_t hash)
{
    for (size_t i = 0; i < count; i++) {
        if (hashes[i] == hash)
            return true;
    }
    return false;
}

/* Words of a that b lacks. */
static size_t lacking(const struct example *a, const struct example *b)
{
    size_t count = 0;

    for (size_t i = 0; i < a->word_count; i++)
        count += !is_among(b->words, b->word_count, a->words[i]);
    return count;
}

static size_t distance(const struct example *a, const struct example *b)
{
    return lacking(a, b) + lacking(b, a);
}

/* The most typical one: nearest to all others, of equals the shortest. */
static size_t find_typical(const struct example *examples, size_t count)
{
    size_t totals[OPK_KIND_EXAMPLES] = {0};
    size_t best = 0;

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            size_t d = distance(&examples[i], &examples[j]);
            totals[i] += d;
            totals[j] += d;
        }
    }
    for (size_t i = 1; i < count; i++) {
        if (totals[i] < totals[best] ||
            (totals[i] == totals[best] && examples[i].of->text.len < examples[best].of->text.len))
            best = i;
    }
    return best;
}

/* The one whose nearest neighbour among the chosen is farthest; count when none differs. */
static size_t find_farthest(const struct example *examples, size_t count, size_t chosen)
{
    size_t best = count;
    size_t best_distance = 0;

    for (size_t i = chosen; i < count; i++) {
        size_t nearest = SIZE_MAX;
        for (size_t j = 0; j < chosen; j++) {
            size_t d = distance(&examples[i], &examples[j]);
            nearest = d < nearest ? d : nearest;
        }
        if (nearest > best_distance) {
            best = i;
            best_distance = nearest;
        }
    }
    return best;
}

/* Move the next one to show to the front of those from chosen on: the most typical, then each time
 * the most different from those before. False when the rest says nothing new. */
static bool choose_example(struct example *examples, size_t count, size_t chosen)
{
    size_t next = count;

    if (count > 0)
        next = chosen == 0 ? find_typical(examples, count) : find_farthest(examples, count, chosen);
    if (next == count)
        return false;
    struct example moved = examples[chosen];
    examples[chosen] = examples[next];
    examples[next] = moved;
    return true;
}

static void write_example(struct opk_buf *out, struct opk_str text, const struct opk_example *of)
{
    opk_buf_append_cstr(out, "      - {command: ");
    opk_out_yaml_quoted(out, text);
    opk_buf_append_cstr(out, ", source: ");
    opk_out_yaml(out, of->source);
    if (of->at > 0) {
        opk_buf_append_cstr(out, ", at: ");
        opk_buf_append_u64(out, of->at);
    }
    opk_buf_append_cstr(out, "}\n");
}

static enum opk_status write_examples(struct opk_buf *out, const struct opk_kind *kind,
                                      struct writing *writing, struct opk_err *err)
{
    const struct opk_evidence *evidence = &kind->evidence;
    struct example examples[OPK_KIND_EXAMPLES];
    size_t count = evidence->example_count;
    size_t chosen = 0;
    size_t shown = 0;
    uint64_t hashes[OPK_DRAFT_EXAMPLES_MAX]; /* of what is shown */

    assert(count <= OPK_KIND_EXAMPLES);
    for (size_t i = 0; i < count; i++)
        split_example(&examples[i], &evidence->examples[i]);
    while (shown < OPK_DRAFT_EXAMPLES_MAX && choose_example(examples, count, chosen)) {
        const struct opk_example *of = examples[chosen].of;
        enum opk_status status =
            kind->type == OPK_KIND_SEQUENCE
                ? redact_commands(writing, of->text, err)
                : redact_example(writing, of->text, OPK_DRAFT_EXAMPLE_MAX, err);
        if (status != OPK_OK && status != OPK_END)
            return status;
        writing->withheld += status == OPK_END;
        /* Without their secrets two examples may be one. */
        uint64_t hash = opk_hash64(opk_buf_str(&writing->text));
        if (status == OPK_END || is_among(hashes, shown, hash)) {
            examples[chosen] = examples[--count];
            continue;
        }
        hashes[shown] = hash;
        if (shown == 0)
            opk_buf_append_cstr(out, "    examples:\n");
        write_example(out, opk_buf_str(&writing->text), of);
        chosen++;
        shown++;
    }
    if (shown == 0)
        opk_buf_append_cstr(out, "    examples: []\n");
    if (writing->withheld > 0)
        opk_buf_printf(out, "    examples_withheld: %llu\n", (unsigned long long)writing->withheld);
    return OPK_OK;
}

/* ---- one draft ---- */

static void write_shapes(struct opk_buf *out, const struct opk_kind *kind)
{
    opk_buf_append_cstr(out, "    shapes:\n");
    for (size_t i = 0; i < kind->shape_count && i < OPK_DRAFT_SHAPES_MAX; i++) {
        const struct opk_kind_shape *shape = &kind->shapes[i];
        opk_buf_append_cstr(out, "      - {shape: ");
        opk_out_yaml_quoted(out, shape->text);
        opk_buf_append_cstr(out, ", count: ");
        opk_buf_append_u64(out, shape->count);
        opk_buf_append_cstr(out, "}\n");
    }
}

static void write_slots(struct opk_buf *out, const struct opk_kind *kind)
{
    opk_buf_append_cstr(out, "    slots: {");
    for (size_t i = 0; i < kind->slot_count && i < OPK_DRAFT_SLOTS_MAX; i++) {
        if (i > 0)
            opk_buf_append_cstr(out, ", ");
        opk_out_yaml(out, kind->slots[i].name);
        opk_buf_append_cstr(out, ": {class: ");
        opk_out_yaml(out, kind->slots[i].klass);
        opk_buf_append_cstr(out, ", count: ");
        opk_buf_append_u64(out, kind->slots[i].count);
        opk_buf_append_byte(out, '}');
    }
    opk_buf_append_cstr(out, "}\n");
}

static void write_steps(struct opk_buf *out, const struct opk_kind *kind)
{
    opk_buf_append_cstr(out, "    steps: [");
    for (size_t i = 0; i < kind->step_count; i++) {
        if (i > 0)
            opk_buf_append_cstr(out, ", ");
        opk_out_yaml_quoted(out, kind->steps[i]);
    }
    opk_buf_append_cstr(out, "]\n");
}

static void write_support(struct opk_buf *out, const struct opk_evidence *evidence)
{
    opk_buf_printf(
        out,
        "    support: {commands: %llu, sessions: %llu, sources: %llu, users: %llu, projects: %llu",
        (unsigned long long)evidence->commands, (unsigned long long)evidence->sessions,
        (unsigned long long)evidence->sources, (unsigned long long)evidence->users,
        (unsigned long long)evidence->projects);
    if (evidence->finished > 0) {
        opk_buf_append_cstr(out, ", failed: ");
        append_hundredths(out,
                          (evidence->failed * 100 + evidence->finished / 2) / evidence->finished);
    }
    if (evidence->sidechain > 0)
        opk_buf_printf(out, ", sidechain: %llu", (unsigned long long)evidence->sidechain);
    if (evidence->unattended > 0)
        opk_buf_printf(out, ", unattended: %llu", (unsigned long long)evidence->unattended);
    opk_buf_append_cstr(out, "}\n");
}

static void write_similar(struct opk_buf *out, const struct opk_proposal *proposal)
{
    opk_buf_append_cstr(out, "    similar: [");
    for (size_t i = 0; i < proposal->similar_count; i++) {
        opk_buf_append_cstr(out, i > 0 ? ", {id: " : "{id: ");
        opk_out_yaml(out, proposal->similar[i].id);
        opk_buf_append_cstr(out, ", score: ");
        append_hundredths(out, proposal->similar[i].score);
        opk_buf_append_cstr(out, ", why: ");
        opk_out_yaml_quoted(out, proposal->similar[i].why);
        opk_buf_append_byte(out, '}');
    }
    opk_buf_append_cstr(out, "]\n");
}

static void write_times(struct opk_buf *out, const struct opk_evidence *evidence)
{
    size_t from =
        evidence->day_count > OPK_DRAFT_DAYS_MAX ? evidence->day_count - OPK_DRAFT_DAYS_MAX : 0;

    if (evidence->first == OPK_UNKNOWN)
        return;
    opk_buf_append_cstr(out, "    first_seen: ");
    append_time(out, evidence->first);
    opk_buf_append_cstr(out, "\n    last_seen: ");
    append_time(out, evidence->last);
    opk_buf_append_cstr(out, "\n    per_day: [");
    for (size_t i = from; i < evidence->day_count; i++) {
        opk_buf_append_cstr(out, i > from ? ", {day: " : "{day: ");
        append_day(out, evidence->days[i].day);
        opk_buf_append_cstr(out, ", count: ");
        opk_buf_append_u64(out, evidence->days[i].count);
        opk_buf_append_byte(out, '}');
    }
    opk_buf_append_cstr(out, "]\n");
}

static enum opk_status write_draft(struct opk_buf *out, const struct opk_proposal *proposal,
                                   struct writing *writing, struct opk_err *err)
{
    const struct opk_kind *kind = proposal->kind;
    struct opk_buf summary = OPK_BUF_EMPTY;
    enum opk_status status;

    opk_buf_printf(out, "  - draft_id: %s\n    proposed_id: %s\n    type: %s\n    summary: ",
                   proposal->draft_id, proposal->proposed_id, TYPES[kind->type]);
    opk_name_summary(&summary, kind);
    opk_out_yaml_quoted(out, opk_buf_str(&summary));
    status = opk_buf_check(&summary, err);
    opk_buf_done(&summary);
    if (status != OPK_OK)
        return status;
    opk_buf_append_cstr(out, "\n    signature: ");
    opk_out_yaml_quoted(out, kind->signature);
    opk_buf_append_byte(out, '\n');
    write_shapes(out, kind);
    write_slots(out, kind);
    write_steps(out, kind);
    write_support(out, &kind->evidence);
    write_times(out, &kind->evidence);
    status = write_examples(out, kind, writing, err);
    write_similar(out, proposal);
    opk_buf_append_cstr(out, "    score: ");
    append_hundredths(out, proposal->score);
    opk_buf_append_byte(out, '\n');
    return status == OPK_OK ? opk_buf_check(out, err) : status;
}

/* ---- the file ---- */

/* Fewer drafts are not worth a thread. */
#define PART_MIN 100

static void write_head(struct opk_buf *out, const struct opk_proposals *proposals,
                       const struct opk_draft_totals *totals)
{
    const struct opk_draft_ledger *ledger = &proposals->ledger;
    int64_t first = OPK_UNKNOWN;
    int64_t last = OPK_UNKNOWN;

    for (size_t i = 0; i < proposals->count; i++) {
        const struct opk_evidence *evidence = &proposals->items[i].kind->evidence;
        if (evidence->first == OPK_UNKNOWN)
            continue;
        first = first == OPK_UNKNOWN || evidence->first < first ? evidence->first : first;
        last = evidence->last > last ? evidence->last : last;
    }
    opk_buf_append_cstr(out, SCHEMA_LINE "schema_version: 1\ngenerated_by: ");
    opk_out_yaml(out, opk_str_of(totals->generated_by));
    opk_buf_append_byte(out, '\n');
    if (first != OPK_UNKNOWN) {
        opk_buf_append_cstr(out, "window: {first: ");
        append_time(out, first);
        opk_buf_append_cstr(out, ", last: ");
        append_time(out, last);
        opk_buf_append_cstr(out, "}\n");
    }
    opk_buf_printf(out,
                   "totals: {sources: %llu, sessions: %llu, commands: %llu, known: %llu, "
                   "drafted: %llu, unclustered: %llu}\n",
                   (unsigned long long)totals->sources, (unsigned long long)totals->sessions,
                   (unsigned long long)totals->commands, (unsigned long long)ledger->known,
                   (unsigned long long)ledger->drafted,
                   (unsigned long long)(ledger->steps - ledger->known - ledger->drafted));
    opk_buf_append_cstr(out, proposals->count > 0 ? "drafts:\n" : "drafts: []\n");
}

/* Append a draft that the gate lets pass. OPK_END: it objects to the draft, whatever the examples.
 */
static enum opk_status write_checked(struct opk_buf *body, const struct opk_proposal *proposal,
                                     struct writing *writing, struct opk_err *err)
{
    struct opk_redact_finding finding;
    size_t begin = body->len;

    for (unsigned turn = 0; turn < 2; turn++) {
        writing->doubtful = turn > 0;
        writing->withheld = 0;
        enum opk_status status = write_draft(body, proposal, writing, err);
        if (status == OPK_OK)
            status = opk_redact_scan(writing->redactor, opk_str_skip(opk_buf_str(body), begin),
                                     &finding, err);
        if (status != OPK_OK)
            return status == OPK_END ? OPK_OK : status;
        opk_buf_truncate(body, begin);
    }
    return OPK_END;
}

/* Some of the drafts, which one thread writes. */
struct part {
    struct opk_proposal *items; /* borrowed; those that stay come first in the end */
    size_t count;
    struct opk_redactor *redactor; /* owned */
    struct opk_buf body;
    struct opk_draft_ledger left; /* of those that leave: drafted, which becomes withheld */
    uint64_t examples_withheld;
    enum opk_status status;
    struct opk_err err;
};

static enum opk_status write_all(struct part *part, struct writing *writing)
{
    size_t kept = 0;

    for (size_t i = 0; i < part->count; i++) {
        struct opk_proposal proposal = part->items[i];
        enum opk_status status = write_checked(&part->body, &proposal, writing, &part->err);
        if (status == OPK_OK)
            part->items[kept++] = proposal;
        else if (status != OPK_END)
            return status;
        else if (proposal.kind->type != OPK_KIND_SEQUENCE)
            part->left.drafted += proposal.kind->evidence.commands;
        part->examples_withheld += writing->withheld;
    }
    part->count = kept;
    return OPK_OK;
}

static void *write_part(void *item)
{
    struct part *part = item;
    struct writing writing = {.redactor = NULL};

    part->status = opk_redactor_new(&part->redactor, &part->err);
    writing.redactor = part->redactor;
    if (part->status == OPK_OK)
        part->status = write_all(part, &writing);
    opk_buf_done(&writing.text);
    opk_buf_done(&writing.quoted);
    return NULL;
}

/* What the parts became, in their order. */
static enum opk_status join_parts(struct opk_proposals *proposals, struct part *parts, size_t count,
                                  struct opk_buf *body, struct opk_err *err)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        struct part *part = &parts[i];
        if (part->status != OPK_OK) {
            if (err)
                *err = part->err;
            return part->status;
        }
        memmove(proposals->items + kept, part->items, part->count * sizeof(*part->items));
        kept += part->count;
        proposals->ledger.drafted -= part->left.drafted;
        proposals->ledger.withheld += part->left.drafted;
        proposals->examples_withheld += part->examples_withheld;
        opk_buf_append(body, opk_buf_str(&part->body));
    }
    proposals->count = kept;
    return opk_buf_check(body, err);
}

static void cut_parts(const struct opk_proposals *proposals, struct part *parts, size_t count)
{
    size_t begin = 0;

    for (size_t i = 0; i < count; i++) {
        const size_t end = proposals->count * (i + 1) / count;
        parts[i] = (struct part){
            .items = proposals->items + begin, .count = end - begin, .body = OPK_BUF_EMPTY};
        begin = end;
    }
}

/* The head in front of the drafts, past the gate as they are. */
static enum opk_status put_head(const struct opk_proposals *proposals,
                                const struct opk_draft_totals *totals,
                                struct opk_redactor *redactor, struct opk_buf *out,
                                struct opk_err *err)
{
    struct opk_redact_finding finding = {.rule = ""};
    size_t begin = out->len;
    enum opk_status status;

    write_head(out, proposals, totals);
    status = opk_redact_scan(redactor, opk_str_skip(opk_buf_str(out), begin), &finding, err);
    if (status == OPK_OK)
        return opk_fail(err, OPK_E_REFUSED, OPK_NOWHERE,
                        "the head of the drafts would hold a secret (%s)", finding.rule);
    return status == OPK_END ? opk_buf_check(out, err) : status;
}

enum opk_status opk_proposals_write(struct opk_proposals *proposals,
                                    const struct opk_draft_totals *totals, size_t jobs,
                                    struct opk_buf *out, struct opk_err *err)
{
    const size_t fit = proposals->count / PART_MIN;
    const size_t count = fit < 1 ? 1 : fit < jobs ? fit : jobs;
    struct part *parts = calloc(count, sizeof(*parts));
    struct opk_buf body = OPK_BUF_EMPTY;
    enum opk_status status;

    if (!parts)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to write drafts");
    cut_parts(proposals, parts, count);
    opk_parallel(write_part, parts, count, sizeof(*parts));
    status = join_parts(proposals, parts, count, &body, err);
    if (status == OPK_OK)
        status = put_head(proposals, totals, parts[0].redactor, out, err);
    if (status == OPK_OK) {
        opk_buf_append(out, opk_buf_str(&body));
        status = opk_buf_check(out, err);
    }
    for (size_t i = 0; i < count; i++) {
        opk_redactor_free(parts[i].redactor);
        opk_buf_done(&parts[i].body);
    }
    free(parts);
    opk_buf_done(&body);
    return status;
}
