/* Whatever the audit holds is read; what was read, written and read again is the same. */
#include "fuzz.h"

#include "promote/decision.h"

#include <stdlib.h>

static void require_same(struct opk_str a, struct opk_str b)
{
    if (!opk_str_eq(a, b))
        abort();
}

static void compare(const struct opk_decision *a, const struct opk_decision *b)
{
    require_same(a->ulid, b->ulid);
    require_same(a->time, b->time);
    require_same(a->actor, b->actor);
    require_same(a->draft_id, b->draft_id);
    require_same(a->draft_digest, b->draft_digest);
    require_same(a->before, b->before);
    require_same(a->after, b->after);
    require_same(a->why, b->why);
    require_same(a->rule, b->rule);
    if (a->action != b->action || a->support.sessions != b->support.sessions)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_str text = opk_str_bytes(data ? (const void *)data : "", size);
    struct opk_decisions decisions;
    struct opk_err err;

    if (opk_decisions_parse(text, &decisions, &err) != OPK_OK)
        abort();
    for (size_t i = 0; i < decisions.count; i++) {
        const struct opk_decision *decision = &decisions.items[i];
        struct opk_decisions again;
        struct opk_buf line = OPK_BUF_EMPTY;
        if (decision->action == OPK_ACTION_OTHER)
            continue;
        opk_decision_append(&line, decision);
        if (opk_decisions_parse(opk_buf_str(&line), &again, &err) != OPK_OK || again.count != 1)
            abort();
        compare(decision, &again.items[0]);
        opk_decisions_done(&again);
        opk_buf_done(&line);
    }
    opk_decisions_done(&decisions);
    return 0;
}
