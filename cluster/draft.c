#include "cluster/draft.h"

#include "base/map.h"
#include "cluster/hints.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRAFT_DIGITS 10
#define ONE          256U /* 1 in the fixed point of the ranking */

/* ---- ranking ---- */

/* log2(1 + n) with eight binary places, in integers: by squaring the mantissa. */
static uint64_t log2_fixed(uint64_t n)
{
    uint64_t mantissa = n == UINT64_MAX ? n : n + 1;
    uint64_t whole = 0;
    uint64_t places = 0;

    while (mantissa >> whole > 1)
        whole++;
    /* The mantissa as 1.31 bits. */
    mantissa = whole > 31 ? mantissa >> (whole - 31) : mantissa << (31 - whole);
    for (unsigned i = 0; i < 8; i++) {
        mantissa = mantissa * mantissa >> 31;
        places <<= 1;
        if (mantissa >> 32) {
            mantissa >>= 1;
            places |= 1;
        }
    }
    return whole * ONE + places;
}

/* Programs of the moment: people look, print, edit and wait with them on the way to something else.
 * Alone they tell a registry little, however often they run. */
static bool is_everyday(struct opk_str signature)
{
    static const char *const PROGRAMS[] = {
        "cat",  "echo",   "emacs",  "head",  "help",   "history", "info",  "less",   "ll",
        "la",   "man",    "more",   "nano",  "printf", "reset",   "sleep", "source", ".",
        "tail", "top",    "htop",   "vi",    "view",   "vim",     "nvim",  "wc",     "which",
        "who",  "whoami", "export", "alias", "su",     "sudo",    "sh",    "bash",   "zsh",
    };

    for (size_t i = 0; i < sizeof(PROGRAMS) / sizeof(PROGRAMS[0]); i++) {
        if (opk_str_eq(signature, opk_str_of(PROGRAMS[i])))
            return true;
    }
    /* One letter is somebody's alias. */
    return signature.len == 1;
}

/* How much an operation says: "git commit" more than "make", "make" more than "make | head", that
 * more than "cat". */
static uint64_t weight(struct opk_str signature)
{
    size_t blank = opk_str_find_byte(signature, ' ', 0);
    bool filtered = opk_hint_filtered(signature).len > 0;

    if (is_everyday(filtered ? opk_str_slice(signature, 0, blank) : signature))
        return ONE / 16;
    if (filtered)
        return ONE / 4;
    return blank == OPK_NPOS ? ONE : ONE * 3 / 2;
}

/* An agent that nobody attends repeats itself: of its commands and sessions every fourth counts. */
#define APART_SHARE 4

static uint64_t weigh_apart(uint64_t all, uint64_t apart)
{
    return all - apart + (apart + APART_SHARE - 1) / APART_SHARE;
}

/* What the ranking leaves of a kind that is as good as registered. */
#define NOVELTY_MIN (ONE / 16)

static uint64_t novelty(const struct opk_kind *kind, const struct opk_proposal *proposal)
{
    uint64_t all = kind->evidence.commands + kind->registered + kind->project;
    uint64_t unknown = kind->evidence.commands * ONE / all;
    uint64_t near = proposal->similar_count > 0 ? proposal->similar[0].score : 0;
    uint64_t left = unknown * (100 - near) / 100;

    return left > NOVELTY_MIN ? left : NOVELTY_MIN;
}

static uint64_t rank_value(const struct opk_kind *kind, const struct opk_proposal *proposal)
{
    const struct opk_evidence *evidence = &kind->evidence;
    uint64_t value = log2_fixed(weigh_apart(evidence->commands, evidence->sidechain));

    /* A log that names no user, day or project was written by somebody, some day, somewhere. Each
     * factor is below 64, in 1/256: the product of four fits, and is cut back before the others are
     * multiplied. */
    value *= log2_fixed(weigh_apart(evidence->sessions, evidence->unattended));
    value *= log2_fixed(evidence->users > 0 ? evidence->users : 1);
    value *= log2_fixed(evidence->day_count > 0 ? evidence->day_count : 1);
    value = value / ONE * log2_fixed(evidence->projects > 0 ? evidence->projects : 1);
    return value / ONE * novelty(kind, proposal) / ONE * weight(kind->operation);
}

/* ---- ids ---- */

static void name_draft(struct opk_str signature, char out[OPK_DRAFT_ID_TEXT])
{
    (void)snprintf(out, OPK_DRAFT_ID_TEXT, "DRF-");
    opk_hash128_crockford(opk_hash128(signature), DRAFT_DIGITS, out + 4);
}

static int by_signature(const void *a, const void *b)
{
    const struct opk_proposal *x = a;
    const struct opk_proposal *y = b;

    return opk_str_cmp(x->kind->signature, y->kind->signature);
}

static int by_value(const void *a, const void *b)
{
    const struct opk_proposal *x = a;
    const struct opk_proposal *y = b;

    if (x->value != y->value)
        return x->value > y->value ? -1 : 1;
    return by_signature(a, b);
}

/* The first of NAME, NAME-2, NAME-3, ... that nobody has. */
static enum opk_status name_proposal(const struct opk_draft_rules *rules, struct opk_map *names,
                                     struct opk_proposal *proposal, struct opk_err *err)
{
    struct opk_buf name = OPK_BUF_EMPTY;
    enum opk_status status;

    for (unsigned suffix = 1;; suffix++) {
        bool is_new = false;
        uint32_t index;
        opk_buf_clear(&name);
        if (proposal->kind->type == OPK_KIND_SEQUENCE)
            opk_name_sequence_id(&name, proposal->kind->signature, suffix);
        else
            opk_name_id(&name, proposal->kind->signature, suffix);
        status = opk_buf_check(&name, err);
        if (status != OPK_OK)
            break;
        struct opk_str id = opk_buf_str(&name);
        if (rules->is_taken && rules->is_taken(rules->context, id))
            continue;
        status = opk_map_add(names, id, &index, &is_new, err);
        if (status != OPK_OK)
            break;
        if (!is_new)
            continue;
        assert(id.len <= OPK_NAME_ID_MAX);
        memcpy(proposal->proposed_id, id.data, id.len);
        proposal->proposed_id[id.len] = '\0';
        break;
    }
    opk_buf_done(&name);
    return status;
}

/* In the order of signatures, so that which of two gets -2 does not depend on tonight's counts. */
static enum opk_status name_proposals(struct opk_proposals *proposals, struct opk_err *err)
{
    struct opk_map *names = NULL;
    enum opk_status status = opk_map_new(&names, err);

    if (proposals->count > 0)
        qsort(proposals->items, proposals->count, sizeof(*proposals->items), by_signature);
    for (size_t i = 0; i < proposals->count && status == OPK_OK; i++)
        status = name_proposal(&proposals->rules, names, &proposals->items[i], err);
    opk_map_free(names);
    return status;
}

/* ---- choosing ---- */

/* Append a draft for a kind. */
static enum opk_status propose(struct opk_proposals *proposals, const struct opk_kind *kind,
                               const char *draft_id, struct opk_err *err)
{
    struct opk_proposal *proposal = &proposals->items[proposals->count];
    enum opk_status status = OPK_OK;

    *proposal = (struct opk_proposal){.kind = kind};
    (void)snprintf(proposal->draft_id, sizeof(proposal->draft_id), "%s", draft_id);
    if (proposals->rules.similar && kind->type != OPK_KIND_SEQUENCE)
        status = opk_similar_find(proposals->rules.similar, kind, &proposals->texts,
                                  proposal->similar, &proposal->similar_count, err);
    if (status != OPK_OK)
        return status;
    proposal->value = rank_value(kind, proposal);
    /* A sequence takes no step away from the kinds of its steps. */
    if (kind->type != OPK_KIND_SEQUENCE)
        proposals->ledger.drafted += kind->evidence.commands;
    proposals->count++;
    return OPK_OK;
}

/* Put one kind in its place of the ledger; a draft is appended. */
static enum opk_status choose(struct opk_proposals *proposals, const struct opk_kind *kind,
                              struct opk_err *err)
{
    const struct opk_draft_rules *rules = &proposals->rules;
    struct opk_draft_ledger *ledger = &proposals->ledger;
    uint64_t rest = kind->evidence.commands;
    char draft_id[OPK_DRAFT_ID_TEXT];

    name_draft(kind->signature, draft_id);
    ledger->known += kind->registered + kind->project;
    ledger->project += kind->project;
    if (rest == 0)
        return OPK_OK;
    /* New variants of what a person promoted belong to that kind. */
    if (rules->is_promoted && rules->is_promoted(rules->context, opk_str_of(draft_id)))
        ledger->known += rest;
    /* A step whose program is a variable or a typing error names no operation. */
    else if (kind->noise || opk_str_starts(kind->operation, OPK_STR("<")))
        ledger->noise += rest;
    else if (kind->evidence.sessions < rules->min_sessions)
        ledger->below += rest;
    else if (rules->is_declined && rules->is_declined(rules->context, opk_str_of(draft_id), rest,
                                                      kind->evidence.sessions))
        ledger->declined += rest;
    else
        return propose(proposals, kind, draft_id, err);
    return OPK_OK;
}

static enum opk_status choose_sequence(struct opk_proposals *proposals,
                                       const struct opk_kind *sequence, struct opk_err *err)
{
    const struct opk_draft_rules *rules = &proposals->rules;
    char draft_id[OPK_DRAFT_ID_TEXT];

    name_draft(sequence->signature, draft_id);
    struct opk_str id = opk_str_of(draft_id);
    if ((rules->is_promoted && rules->is_promoted(rules->context, id)) ||
        (rules->is_known_sequence &&
         rules->is_known_sequence(rules->context, sequence->signature)) ||
        (rules->is_declined && rules->is_declined(rules->context, id, sequence->evidence.commands,
                                                  sequence->evidence.sessions)))
        return OPK_OK;
    return propose(proposals, sequence, draft_id, err);
}

bool opk_draft_ledger_adds_up(const struct opk_draft_ledger *ledger)
{
    return ledger->steps == ledger->known + ledger->drafted + ledger->below + ledger->noise +
                                ledger->opaque + ledger->declined + ledger->withheld;
}

enum opk_status opk_proposals_build(const struct opk_kinds *kinds,
                                    const struct opk_draft_rules *rules,
                                    struct opk_proposals *out_proposals, struct opk_err *err)
{
    struct opk_proposals proposals = {.rules = *rules};
    size_t sequence_count = rules->sequences ? rules->sequences->count : 0;
    enum opk_status status = OPK_OK;

    proposals.ledger.steps = kinds->ledger.steps;
    proposals.ledger.opaque = kinds->ledger.opaque;
    proposals.items = calloc(kinds->count + sequence_count + 1, sizeof(*proposals.items));
    if (!proposals.items)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for drafts");
    for (size_t i = 0; i < kinds->count && status == OPK_OK; i++)
        status = choose(&proposals, &kinds->items[i], err);
    for (size_t i = 0; i < sequence_count && status == OPK_OK; i++)
        status = choose_sequence(&proposals, &rules->sequences->items[i], err);
    if (status == OPK_OK)
        status = name_proposals(&proposals, err);
    if (status != OPK_OK) {
        opk_proposals_done(&proposals);
        return status;
    }
    if (proposals.count > 0)
        qsort(proposals.items, proposals.count, sizeof(*proposals.items), by_value);
    for (size_t i = 0; i < proposals.count; i++) {
        uint64_t best = proposals.items[0].value;
        /* Divided first where the product would not fit. */
        uint64_t unit = best > UINT64_MAX / 128 ? 128 : 1;
        proposals.items[i].score =
            (proposals.items[i].value / unit * 100 + best / unit / 2) / (best / unit);
    }
    *out_proposals = proposals;
    return OPK_OK;
}

void opk_proposals_done(struct opk_proposals *proposals)
{
    free(proposals->items);
    opk_arena_done(&proposals->texts);
    *proposals = (struct opk_proposals){0};
}
