#include "cluster/sequence.h"

#include "base/map.h"
#include "base/mem.h"
#include "cluster/hints.h"
#include "cluster/sequence_pick.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct symbol {
    const struct opk_kind *kind;
    bool is_vague; /* operations that have no more in common than their program */
};

/* What is worked with between sessions and sequences. */
struct bench {
    struct opk_sessions *sessions;
    const struct opk_kinds *kinds;
    const struct opk_sequence_rules *rules;
    uint32_t min_sessions;
    uint32_t *symbol_of;    /* owned; of each kind, by operation: sorted bytewise */
    struct symbol *symbols; /* owned */
    bool *is_noise;         /* owned; of each symbol */
    uint32_t *session_of;   /* owned; of each strand */
    uint32_t *line;         /* owned; the symbols of one strand */
    size_t line_cap;
    struct opk_runs runs;
    struct opk_grams grams;
    struct opk_picks picks;
    struct opk_runs shown; /* of the specimens */
};

static enum opk_status no_memory(struct opk_err *err)
{
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for sequences");
}

static void bench_done(struct bench *bench)
{
    free(bench->symbol_of);
    free(bench->symbols);
    free(bench->is_noise);
    free(bench->session_of);
    free(bench->line);
    opk_runs_done(&bench->runs);
    opk_grams_done(&bench->grams);
    opk_picks_done(&bench->picks);
    opk_runs_done(&bench->shown);
}

/* ---- symbols ---- */

/* Modes of one operation stand together: a step says what is done, and a shape how. */
static int by_operation(const void *a, const void *b)
{
    const struct symbol *x = a;
    const struct symbol *y = b;
    int order = opk_str_cmp(x->kind->operation, y->kind->operation);

    return order != 0 ? order : opk_str_cmp(x->kind->signature, y->kind->signature);
}

static bool is_configured(const struct opk_sequence_rules *rules, struct opk_str signature)
{
    for (size_t i = 0; i < rules->noise_count; i++) {
        if (opk_str_eq(rules->noise[i], signature))
            return true;
    }
    return false;
}

/* The first symbol of an operation. */
static uint32_t find_symbol(const struct bench *bench, struct opk_str operation)
{
    size_t low = 0;
    size_t high = bench->kinds->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (opk_str_cmp(bench->symbols[middle].kind->operation, operation) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < bench->kinds->count && opk_str_eq(bench->symbols[low].kind->operation, operation)
               ? (uint32_t)low
               : OPK_SYMBOL_BREAK;
}

/* "ps | grep" is "ps": how somebody looked at it changes nothing. */
static void join_filtered(struct bench *bench)
{
    for (size_t i = 0; i < bench->kinds->count; i++) {
        const struct opk_kind *kind = bench->symbols[i].kind;
        struct opk_str first = opk_hint_filtered(kind->operation);
        if (kind->type != OPK_KIND_PIPELINE || first.len == 0)
            continue;
        uint32_t symbol = find_symbol(bench, first);
        if (symbol != OPK_SYMBOL_BREAK)
            bench->symbol_of[kind - bench->kinds->items] = symbol;
    }
}

/* The kind with the most words that has fewer than this one, or OPK_SYMBOL_BREAK. */
static uint32_t find_shorter(const struct bench *bench, const struct opk_kind *kind)
{
    struct opk_str words = kind->operation;
    uint32_t found = OPK_SYMBOL_BREAK;

    while (kind->type == OPK_KIND_COMMAND && words.len > 0 && found == OPK_SYMBOL_BREAK) {
        if (words.data[--words.len] == ' ')
            found = find_symbol(bench, words);
    }
    return found;
}

/* How many sessions hold each symbol. What is registered counts too, so kinds do not tell. */
static bool count_sessions(const struct bench *bench, uint64_t *sessions)
{
    uint32_t *last = calloc(bench->kinds->count + 1, sizeof(*last));

    for (size_t i = 0; last && i < bench->sessions->count; i++) {
        const struct opk_strand *strand = &bench->sessions->strands[i];
        for (size_t k = 0; k < strand->count; k++) {
            if (strand->steps[k] >= bench->kinds->of_shape_count)
                continue;
            uint32_t symbol = bench->symbol_of[bench->kinds->of_shape[strand->steps[k]]];
            sessions[symbol] += last[symbol] != bench->session_of[i] + 1;
            last[symbol] = bench->session_of[i] + 1;
        }
    }
    bool counted = last != NULL;
    free(last);
    return counted;
}

/*
 * The symbol of a rare kind is that of the one with fewer words: "npm run t7" is "npm run". Alone
 * it would be in no sequence. First those that too few sessions hold, then those that are rare
 * beside what has come together; kinds with fewer words stand before those with more.
 */
static void join_into_shorter(struct bench *bench, uint64_t *sessions)
{
    const size_t count = bench->kinds->count;

    for (unsigned round = 0; round < 2; round++) {
        for (size_t i = 0; i < count; i++) {
            uint32_t *symbol = &bench->symbol_of[bench->symbols[i].kind - bench->kinds->items];
            uint32_t shorter = find_shorter(bench, bench->symbols[i].kind);
            if (*symbol != i || shorter == OPK_SYMBOL_BREAK)
                continue;
            shorter = bench->symbol_of[bench->symbols[shorter].kind - bench->kinds->items];
            if (round == 0 ? sessions[i] < bench->min_sessions
                           : sessions[i] * OPK_SEQUENCE_RARE <= sessions[shorter]) {
                *symbol = shorter;
                sessions[shorter] += sessions[i];
            }
        }
    }
}

/* A program alone, of which more came from its rare operations than from itself: "git" says that
 * something was done with git. */
static bool is_vague(struct opk_str operation, uint64_t own, uint64_t joined)
{
    return opk_str_find_byte(operation, ' ', 0) == OPK_NPOS && joined - own > own;
}

static bool join_rare(struct bench *bench)
{
    const size_t count = bench->kinds->count;
    uint64_t *own = calloc(count + 1, sizeof(*own));
    uint64_t *sessions = calloc(count + 1, sizeof(*sessions));
    const bool counted = own && sessions && count_sessions(bench, own);

    if (counted) {
        memcpy(sessions, own, count * sizeof(*own));
        join_into_shorter(bench, sessions);
    }
    for (size_t i = 0; counted && i < count; i++)
        bench->symbols[i].is_vague =
            is_vague(bench->symbols[i].kind->operation, own[i], sessions[i]);
    free(own);
    free(sessions);
    return counted;
}

/* The other modes of an operation go where its first went. */
static void join_modes(struct bench *bench)
{
    for (size_t i = 1; i < bench->kinds->count; i++) {
        const struct opk_kind *before = bench->symbols[i - 1].kind;
        const struct opk_kind *kind = bench->symbols[i].kind;
        if (opk_str_eq(before->operation, kind->operation))
            bench->symbol_of[kind - bench->kinds->items] =
                bench->symbol_of[before - bench->kinds->items];
    }
}

static bool init_symbols(struct bench *bench)
{
    const struct opk_kinds *kinds = bench->kinds;
    size_t count = kinds->count;

    bench->symbol_of = calloc(count + 1, sizeof(*bench->symbol_of));
    bench->symbols = calloc(count + 1, sizeof(*bench->symbols));
    bench->is_noise = calloc(count + 1, sizeof(*bench->is_noise));
    if (!bench->symbol_of || !bench->symbols || !bench->is_noise)
        return false;
    for (size_t i = 0; i < count; i++)
        bench->symbols[i].kind = &kinds->items[i];
    qsort(bench->symbols, count, sizeof(*bench->symbols), by_operation);
    for (size_t i = 0; i < count; i++) {
        const struct opk_kind *kind = bench->symbols[i].kind;
        bench->symbol_of[kind - kinds->items] = find_symbol(bench, kind->operation);
        bench->is_noise[i] = kind->noise || opk_hint_is_passing(kind->operation) ||
                             is_configured(bench->rules, kind->operation);
    }
    join_filtered(bench);
    if (!join_rare(bench))
        return false;
    join_modes(bench);
    return true;
}

/* A step whose program is a variable or a typing error says nothing, and hides what it did. */
static uint32_t symbol_of_step(const struct bench *bench, uint32_t step)
{
    if (step == OPK_STEP_UNREAD || step >= bench->kinds->of_shape_count)
        return OPK_SYMBOL_BREAK;
    uint32_t symbol = bench->symbol_of[bench->kinds->of_shape[step]];
    if (bench->is_noise[symbol])
        return OPK_SYMBOL_NOISE;
    struct opk_str operation = bench->symbols[symbol].kind->operation;
    return operation.len == 0 || operation.data[0] == '<' ? OPK_SYMBOL_BREAK : symbol;
}

static bool reserve_line(struct bench *bench, size_t count)
{
    uint32_t *grown = opk_grow(bench->line, &bench->line_cap, count + 1, sizeof(*grown));

    if (grown)
        bench->line = grown;
    return grown != NULL;
}

/* ---- counting ---- */

static bool number_sessions(struct bench *bench)
{
    const struct opk_sessions *sessions = bench->sessions;
    uint32_t number = 0;

    bench->session_of = calloc(sessions->count + 1, sizeof(*bench->session_of));
    for (size_t i = 0; bench->session_of && i < sessions->count; i++) {
        if (i > 0 && sessions->strands[i].key.session != sessions->strands[i - 1].key.session)
            number++;
        bench->session_of[i] = number;
    }
    return bench->session_of != NULL;
}

static enum opk_status fold(struct bench *bench, struct opk_err *err)
{
    const struct opk_sessions *sessions = bench->sessions;
    size_t session_begin = 0;
    enum opk_status status = OPK_OK;

    bench->runs.count = 0;
    for (size_t i = 0; i < sessions->count && status == OPK_OK; i++) {
        const struct opk_strand *strand = &sessions->strands[i];
        if (i > 0 && bench->session_of[i] != bench->session_of[i - 1])
            session_begin = bench->runs.count;
        size_t used = bench->runs.count - session_begin;
        if (used >= OPK_SEQUENCE_RUNS_MAX)
            continue;
        if (!reserve_line(bench, strand->count))
            return no_memory(err);
        for (size_t k = 0; k < strand->count; k++)
            bench->line[k] = symbol_of_step(bench, strand->steps[k]);
        status = opk_runs_add(&bench->runs, bench->line, strand->count, (uint32_t)i,
                              OPK_SEQUENCE_RUNS_MAX - used, err);
    }
    return status;
}

static enum opk_status count(struct bench *bench, size_t len_max, struct opk_err *err)
{
    const struct opk_gram_rules rules = {
        .symbol_count = (uint32_t)bench->kinds->count,
        .min_sessions = bench->min_sessions,
        .len_max = len_max,
    };
    enum opk_status status = fold(bench, err);

    opk_grams_done(&bench->grams);
    if (status == OPK_OK)
        status = opk_grams_build(&bench->runs, bench->session_of, &rules, &bench->grams, err);
    return status;
}

static enum opk_status pick(struct bench *bench, struct opk_err *err)
{
    bool any = false;
    enum opk_status status = count(bench, 2, err);

    if (status == OPK_OK)
        status = opk_noise_learn(&bench->grams, bench->is_noise, &any, err);
    if (status == OPK_OK)
        status = count(bench, OPK_SEQUENCE_LEN_MAX, err);
    if (status == OPK_OK)
        status = opk_picks_build(&bench->grams, bench->min_sessions, &bench->picks, err);
    return status;
}

/* ---- evidence ---- */

/* The time at a step of a strand: that of the last mark before it. */
static int64_t time_at(const struct opk_strand *strand, size_t step)
{
    size_t low = 0;
    size_t high = strand->mark_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strand->marks[middle].step <= step)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? strand->marks[low - 1].time : OPK_UNKNOWN;
}

/* How an occurrence, which begins at a run, repeats its steps and itself. */
struct repeats {
    uint32_t low[OPK_SEQUENCE_LEN_MAX];
    uint32_t high[OPK_SEQUENCE_LEN_MAX];
    uint32_t loop_low;
    uint32_t loop_high;
    size_t loops; /* occurrences that repeat the whole */
};

static void add_repeats(struct repeats *repeats, const struct opk_run *run, uint32_t len)
{
    uint32_t loops = run->loop_len == len ? run->loops : 1;

    for (uint32_t i = 0; i < len; i++) {
        if (run[i].low < repeats->low[i])
            repeats->low[i] = run[i].low;
        if (run[i].high > repeats->high[i])
            repeats->high[i] = run[i].high;
    }
    repeats->loop_low = loops < repeats->loop_low ? loops : repeats->loop_low;
    repeats->loop_high = loops > repeats->loop_high ? loops : repeats->loop_high;
    repeats->loops += loops > 1;
}

/* Everything that the places of a gram say. */
static bool tally_gram(const struct bench *bench, const struct opk_gram *gram,
                       struct opk_tally *tally, struct repeats *repeats)
{
    bool kept = true;

    memset(repeats, 0, sizeof(*repeats));
    memset(repeats->low, 0xFF, sizeof(repeats->low));
    repeats->loop_low = UINT32_MAX;
    for (size_t i = 0; i < gram->count && kept; i++) {
        const struct opk_run *run = &bench->runs.items[bench->grams.places[gram->begin + i]];
        const struct opk_strand *strand = &bench->sessions->strands[run->strand];
        int64_t time = time_at(strand, run->first);
        add_repeats(repeats, run, gram->len);
        tally->commands++;
        tally->sidechain += strand->key.flags != 0;
        kept = (time == OPK_UNKNOWN || opk_tally_add_time(tally, time)) &&
               opk_sketch_add(&tally->sessions, strand->key.session) &&
               opk_sketch_add(&tally->sources, strand->key.source) &&
               (strand->user == 0 || opk_sketch_add(&tally->users, strand->user)) &&
               (strand->project == 0 || opk_sketch_add(&tally->projects, strand->project)) &&
               (strand->key.flags != 0 || opk_sketch_add(&tally->attended, strand->key.session));
    }
    return kept;
}

/* ---- examples ---- */

/* The commands of an occurrence among the runs of a specimen, noise left out. */
static void write_occurrence(const struct bench *bench, const struct opk_specimen *specimen,
                             const struct opk_run *run, uint32_t len, struct opk_buf *out)
{
    size_t written = 0;

    opk_buf_clear(out);
    for (size_t i = run[0].first; i <= run[len - 1].last; i++) {
        struct opk_str text = opk_specimen_text(specimen, i);
        if (symbol_of_step(bench, specimen->steps[i].step) == OPK_SYMBOL_NOISE)
            continue;
        if (written++ == OPK_SEQUENCE_EXAMPLE_STEPS)
            break;
        for (size_t k = 0; k < text.len; k++) {
            if (text.data[k] != OPK_SEQUENCE_END)
                opk_buf_append_byte(out, text.data[k]);
        }
        opk_buf_append_byte(out, OPK_SEQUENCE_END);
    }
}

static uint32_t symbol_in(const struct bench *bench, const struct opk_gram *gram, size_t at)
{
    return bench->runs.items[bench->grams.places[gram->begin] + at].symbol;
}

static bool stands_at(const struct bench *bench, const struct opk_gram *gram, size_t place)
{
    for (uint32_t i = 0; i < gram->len; i++) {
        if (place + i >= bench->shown.count ||
            bench->shown.items[place + i].symbol != symbol_in(bench, gram, i))
            return false;
    }
    return true;
}

/* The first occurrence in each specimen is an example. */
static bool add_examples(const struct bench *bench, const struct opk_gram *gram,
                         struct opk_tally *tally, struct opk_arena *arena)
{
    const struct opk_specimens *specimens = &bench->sessions->specimens;
    struct opk_buf text = OPK_BUF_EMPTY;
    uint32_t last = UINT32_MAX;
    bool kept = true;

    for (size_t place = 0; place < bench->shown.count && kept; place++) {
        const struct opk_run *run = &bench->shown.items[place];
        if (run->strand == last || !stands_at(bench, gram, place))
            continue;
        const struct opk_specimen *specimen = &specimens->items[run->strand];
        last = run->strand;
        write_occurrence(bench, specimen, run, gram->len, &text);
        const struct opk_example example = {opk_buf_str(&text), opk_specimen_source(specimen),
                                            specimen->steps[run->first].at};
        kept = !text.failed && opk_tally_add_example(tally, &example, OPK_KIND_EXAMPLES, arena);
    }
    opk_buf_done(&text);
    return kept;
}

static enum opk_status fold_specimens(struct bench *bench, struct opk_err *err)
{
    const struct opk_specimens *specimens = &bench->sessions->specimens;
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < specimens->count && status == OPK_OK; i++) {
        const struct opk_specimen *specimen = &specimens->items[i];
        if (!reserve_line(bench, specimen->count))
            return no_memory(err);
        for (size_t k = 0; k < specimen->count; k++)
            bench->line[k] = symbol_of_step(bench, specimen->steps[k].step);
        status = opk_runs_add(&bench->shown, bench->line, specimen->count, (uint32_t)i,
                              OPK_SEQUENCE_RUNS_MAX, err);
    }
    return status;
}

/* ---- sequences ---- */

/* {2}, {1,3}, or nothing for what is never repeated. */
static void append_range(struct opk_buf *out, uint32_t low, uint32_t high)
{
    if (high > 1 && low == high)
        opk_buf_printf(out, "{%u}", (unsigned)high);
    else if (high > 1)
        opk_buf_printf(out, "{%u,%u}", (unsigned)low, (unsigned)high);
}

static void append_step(const struct bench *bench, const struct opk_gram *gram,
                        const struct repeats *repeats, size_t at, struct opk_buf *out)
{
    opk_buf_append(out, bench->symbols[symbol_in(bench, gram, at)].kind->operation);
    append_range(out, repeats->low[at], repeats->high[at]);
}

static const struct opk_str ARROW = OPK_STR_INIT(" > ");

static bool write_steps(const struct bench *bench, const struct opk_gram *gram,
                        const struct repeats *repeats, struct opk_kind *kind,
                        struct opk_arena *arena)
{
    bool is_loop = repeats->loops * 2 >= gram->count;
    size_t step_count = is_loop ? 1 : gram->len;
    struct opk_str *steps = opk_arena_array(arena, step_count, sizeof(*steps));
    struct opk_kind_shape *shape = opk_arena_alloc(arena, sizeof(*shape));
    struct opk_buf signature = OPK_BUF_EMPTY;
    struct opk_buf whole = OPK_BUF_EMPTY;
    bool written = steps && shape;

    opk_buf_append_cstr(&whole, is_loop ? "(" : "");
    for (size_t i = 0; i < gram->len && written; i++) {
        opk_buf_append(&signature, i > 0 ? ARROW : OPK_STR_EMPTY);
        opk_buf_append(&signature, bench->symbols[symbol_in(bench, gram, i)].kind->operation);
        opk_buf_append(&whole, i > 0 ? ARROW : OPK_STR_EMPTY);
        size_t begin = whole.len;
        append_step(bench, gram, repeats, i, &whole);
        if (!is_loop)
            steps[i] = opk_arena_copy(arena, opk_str_skip(opk_buf_str(&whole), begin));
    }
    if (written && is_loop) {
        opk_buf_append_byte(&whole, ')');
        append_range(&whole, repeats->loop_low, repeats->loop_high);
        steps[0] = opk_arena_copy(arena, opk_buf_str(&whole));
    }
    written = written && !whole.failed && !signature.failed;
    if (written) {
        struct opk_str text = opk_arena_copy(arena, opk_buf_str(&whole));
        *shape = (struct opk_kind_shape){text, opk_hash128(text), gram->count};
        kind->signature = opk_arena_copy(arena, opk_buf_str(&signature));
        kind->operation = kind->signature;
        kind->steps = steps;
        kind->step_count = step_count;
        kind->shapes = shape;
        kind->shape_count = 1;
    }
    opk_buf_done(&signature);
    opk_buf_done(&whole);
    return written && !arena->failed;
}

static bool fill(const struct bench *bench, const struct opk_pick *chosen, struct opk_kind *kind,
                 struct opk_arena *arena)
{
    const struct opk_gram *gram = &bench->grams.items[chosen->gram];
    struct opk_tally tally = OPK_TALLY_EMPTY;
    struct repeats repeats;
    struct opk_arena texts = {0};
    bool filled;

    *kind = (struct opk_kind){.type = OPK_KIND_SEQUENCE};
    filled = tally_gram(bench, gram, &tally, &repeats) &&
             add_examples(bench, gram, &tally, &texts) &&
             write_steps(bench, gram, &repeats, kind, arena);
    if (filled) {
        kind->evidence = opk_evidence_copy(&tally, arena);
        kind->evidence.sessions = gram->sessions;
    }
    opk_tally_done(&tally);
    opk_arena_done(&texts);
    return filled && !arena->failed;
}

/* Does a gram say of one of its steps no more than the program? Nobody would promote that. */
static bool has_vague(const struct bench *bench, uint32_t gram)
{
    for (; bench->grams.items[gram].len > 1; gram = bench->grams.items[gram].prefix) {
        if (bench->symbols[opk_gram_tail(&bench->grams, gram, 1)].is_vague)
            return true;
    }
    return bench->symbols[gram].is_vague;
}

static int by_count(const void *a, const void *b)
{
    const struct opk_kind *x = a;
    const struct opk_kind *y = b;

    if (x->evidence.commands != y->evidence.commands)
        return x->evidence.commands > y->evidence.commands ? -1 : 1;
    return opk_str_cmp(x->signature, y->signature);
}

static enum opk_status fill_all(const struct bench *bench, struct opk_sequences *sequences,
                                struct opk_err *err)
{
    sequences->items =
        opk_arena_array(&sequences->arena, bench->picks.count, sizeof(*sequences->items));
    if (!sequences->items)
        return no_memory(err);
    for (size_t i = 0; i < bench->picks.count; i++) {
        const struct opk_pick *chosen = &bench->picks.items[i];
        if (has_vague(bench, chosen->gram))
            continue;
        if (!fill(bench, chosen, &sequences->items[sequences->count], &sequences->arena))
            return no_memory(err);
        sequences->count++;
    }
    if (sequences->count > 0)
        qsort(sequences->items, sequences->count, sizeof(*sequences->items), by_count);
    return OPK_OK;
}

enum opk_status opk_sequences_build(struct opk_sessions *sessions, const struct opk_kinds *kinds,
                                    const struct opk_sequence_rules *rules,
                                    struct opk_sequences *out_sequences, struct opk_err *err)
{
    struct bench bench = {.sessions = sessions, .kinds = kinds, .rules = rules};
    struct opk_sequences sequences = {0};
    enum opk_status status = opk_sessions_sort(sessions, err);

    bench.min_sessions = rules->min_sessions < OPK_SEQUENCE_SESSIONS_MIN ? OPK_SEQUENCE_SESSIONS_MIN
                                                                         : rules->min_sessions;

    if (status == OPK_OK && (!number_sessions(&bench) || !init_symbols(&bench)))
        status = no_memory(err);
    if (status == OPK_OK)
        status = pick(&bench, err);
    if (status == OPK_OK)
        status = fold_specimens(&bench, err);
    if (status == OPK_OK)
        status = fill_all(&bench, &sequences, err);
    bench_done(&bench);
    if (status == OPK_OK)
        *out_sequences = sequences;
    else
        opk_sequences_done(&sequences);
    return status;
}

void opk_sequences_done(struct opk_sequences *sequences)
{
    opk_arena_done(&sequences->arena);
    *sequences = (struct opk_sequences){0};
}

/* A step without blanks, parentheses and repetition around it. */
static struct opk_str bare_step(struct opk_str step)
{
    step = opk_str_trim(step);
    for (;;) {
        size_t open = step.len > 0 && step.data[step.len - 1] == '}' ? opk_str_rfind_byte(step, '{')
                                                                     : OPK_NPOS;
        if (open != OPK_NPOS)
            step = opk_str_slice(step, 0, open);
        else if (step.len > 0 && step.data[step.len - 1] == ')')
            step = opk_str_slice(step, 0, step.len - 1);
        else
            break;
    }
    return step.len > 0 && step.data[0] == '(' ? opk_str_skip(step, 1) : step;
}

bool opk_sequence_matches(struct opk_str steps, struct opk_str signature)
{
    for (;;) {
        size_t end = opk_str_find(steps, ARROW, 0);
        size_t signature_end = opk_str_find(signature, ARROW, 0);
        if (!opk_str_eq(bare_step(opk_str_slice(steps, 0, end)),
                        opk_str_slice(signature, 0, signature_end)))
            return false;
        if (end == OPK_NPOS || signature_end == OPK_NPOS)
            return end == signature_end;
        steps = opk_str_skip(steps, end + ARROW.len);
        signature = opk_str_skip(signature, signature_end + ARROW.len);
    }
}
