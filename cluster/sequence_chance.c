#include "cluster/sequence_chance.h"

#include <math.h>
#include <stdlib.h>

/* Where little was tested little is known: exp(-4) is less than one in fifty. */
#define THRESHOLD_MIN 4.0

enum opk_status opk_chance_init(struct opk_chance *chance, const struct opk_grams *grams,
                                struct opk_err *err)
{
    const struct opk_runs *runs = grams->runs;
    size_t count = runs->count > 0 ? (size_t)grams->session_of[runs->count - 1] + 1 : 0;
    size_t pairs = 0;
    size_t symbols = 0; /* that may be in a sequence at all */

    *chance = (struct opk_chance){.grams = grams};
    chance->sessions = calloc(count + 1, sizeof(*chance->sessions));
    if (!chance->sessions)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for %zu sessions", count);
    for (size_t run = 0; run < runs->count; run++) {
        struct opk_session_runs *session = &chance->sessions[grams->session_of[run]];
        if (session->end == 0)
            session->begin = (uint32_t)run;
        session->end = (uint32_t)run + 1;
        session->count += runs->items[run].symbol != OPK_SYMBOL_BREAK;
        chance->run_count += runs->items[run].symbol != OPK_SYMBOL_BREAK;
    }
    for (uint32_t i = 0; i < grams->symbol_count; i++)
        symbols += grams->items[i].sessions > 1;
    while (grams->symbol_count + pairs < grams->count &&
           grams->items[grams->symbol_count + pairs].len == 2)
        pairs++;
    /* Chernoff's bound is loose: less than one pair of all that are tested passes by chance. A
     * longer gram is one of what may stand before or behind one that was found; exp(-3) is a
     * twentieth. */
    chance->threshold[0] = fmax(log((double)pairs + 1) - 1, THRESHOLD_MIN);
    chance->threshold[1] = log(2 * (double)symbols + 1) + 3;
    return OPK_OK;
}

void opk_chance_done(struct opk_chance *chance)
{
    free(chance->sessions);
    *chance = (struct opk_chance){0};
}

/* The mean of min(X, OPK_SEQUENCE_CAP) where X is Poisson-distributed: the sum of P(X >= k). */
static double capped_mean(double lambda)
{
    double term = exp(-lambda); /* P(X = k) */
    double above = 1 - term;    /* P(X > k) */
    double mean = 0;

    for (unsigned k = 1; k <= OPK_SEQUENCE_CAP; k++) {
        mean += above;
        term *= lambda / k;
        above -= term;
    }
    return mean;
}

/* The first index from from on whose place is not before run. */
static size_t seek(const uint32_t *places, size_t from, size_t end, uint32_t run)
{
    size_t step = 1;

    while (from + step < end && places[from + step] < run) {
        from += step;
        step *= 2;
    }
    end = from + step < end ? from + step + 1 : end;
    while (from < end) {
        size_t middle = from + (end - from) / 2;
        if (places[middle] < run)
            from = middle + 1;
        else
            end = middle;
    }
    return from;
}

/* Times that q follows p by chance: looked up for the sessions that hold the rarer one. */
static double expect_pair(const struct opk_chance *chance, const struct opk_gram *p,
                          const struct opk_gram *q)
{
    const uint32_t *places = chance->grams->places;
    bool p_is_rare = p->count < q->count;
    const struct opk_gram *rare = p_is_rare ? p : q;
    const struct opk_gram *other = p_is_rare ? q : p;
    size_t rare_end = rare->begin + rare->count;
    size_t other_end = other->begin + other->count;
    size_t other_at = other->begin;
    double sum = 0;

    for (size_t at = rare->begin; at < rare_end && other_at < other_end;) {
        const struct opk_session_runs *session =
            &chance->sessions[chance->grams->session_of[places[at]]];
        size_t rare_next = seek(places, at, rare_end, session->end);
        other_at = seek(places, other_at, other_end, session->begin);
        size_t other_next = seek(places, other_at, other_end, session->end);
        size_t a = p_is_rare ? rare_next - at : other_next - other_at;
        size_t b = p_is_rare ? other_next - other_at : rare_next - at;
        size_t rest = session->count > a ? session->count - a : 1;
        if (a > 0 && b > 0)
            sum += capped_mean((double)a * (double)b / (double)rest);
        at = rare_next;
        other_at = other_next;
    }
    return sum;
}

/* The exponent of Chernoff's bound on P(X >= seen), X Poisson-distributed. */
static double surprise(double seen, double expected)
{
    return seen * log(seen / expected) - (seen - expected);
}

bool opk_chance_is_frequent(const struct opk_chance *chance, uint32_t gram)
{
    const struct opk_grams *grams = chance->grams;
    const struct opk_gram *whole = &grams->items[gram];
    double seen = (double)whole->count;
    double expected = 0;

    for (uint32_t cut = 1; cut < whole->len; cut++) {
        const struct opk_gram *head = &grams->items[opk_gram_head(grams, gram, cut)];
        const struct opk_gram *tail = &grams->items[opk_gram_tail(grams, gram, whole->len - cut)];
        expected = fmax(expected, (double)head->count * (double)tail->count);
    }
    expected /= (double)chance->run_count;
    return seen >= OPK_SEQUENCE_POOLED_LIFT * expected &&
           surprise(seen, expected) >= chance->threshold[whole->len > 2] / 2;
}

double opk_chance_expect(const struct opk_chance *chance, uint32_t gram)
{
    const struct opk_grams *grams = chance->grams;
    uint32_t len = grams->items[gram].len;
    double most = 0;

    for (uint32_t cut = 1; cut < len; cut++) {
        uint32_t head = opk_gram_head(grams, gram, cut);
        uint32_t tail = opk_gram_tail(grams, gram, len - cut);
        double expected = expect_pair(chance, &grams->items[head], &grams->items[tail]);
        if (expected > most)
            most = expected;
    }
    return most;
}

bool opk_chance_exceeds(const struct opk_chance *chance, uint32_t len, uint64_t count,
                        double expected)
{
    double threshold = chance->threshold[len > 2];
    double seen = (double)count;

    if (count == 0 || seen < OPK_SEQUENCE_LIFT * expected)
        return false;
    return expected <= 0 || surprise(seen, expected) >= threshold;
}
