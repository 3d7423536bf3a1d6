#include "base/schema_impl.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define SEEN_FEW 64 /* children that need no memory of their own */

void opk_schema_report_done(struct opk_schema_report *report)
{
    opk_arena_done(&report->arena);
    free(report->errors);
    *report = (struct opk_schema_report){0};
}

static void fail_memory(struct opk_schema_run *run)
{
    if (run->status == OPK_OK)
        run->status = opk_fail(run->err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to check a document");
}

const struct opk_schema_check *opk_schema_sibling(const struct opk_schema_check *check,
                                                  const char *keyword)
{
    const struct opk_schema *owner = check->owner;

    for (size_t i = 0; i < owner->check_count; i++) {
        if (strcmp(owner->checks[i].keyword->name, keyword) == 0)
            return &owner->checks[i];
    }
    return NULL;
}

static struct opk_str pointer_of(struct opk_arena *arena, const struct opk_node *node)
{
    struct opk_buf text = OPK_BUF_EMPTY;

    opk_node_path(node, &text);
    struct opk_str pointer = opk_arena_copy(arena, opk_buf_str(&text));
    opk_buf_done(&text);
    return pointer;
}

/* The near name; of a pattern, which says little to people, the schema's own words. */
static struct opk_str hint_of(struct opk_schema_report *report,
                              const struct opk_schema_check *check, const char *near)
{
    if (near)
        return opk_arena_printf(&report->arena, "did you mean \"%s\"?", near);
    if (!check || !check->regexes || check->count > 0)
        return OPK_STR_EMPTY;
    return opk_arena_copy(&report->arena,
                          opk_node_text(opk_node_get(check->owner->node, "description")));
}

static bool tell(struct opk_schema_run *run, const struct opk_schema_check *check,
                 const struct opk_node *node, bool at_key, struct opk_str message, const char *hint)
{
    const struct opk_node *place = at_key ? node->key : node;
    struct opk_schema_report *report = run->report;

    if (run->quiet > 0)
        return false;
    if (report->count == OPK_SCHEMA_ERRORS_MAX) {
        report->omitted++;
        return false;
    }
    struct opk_schema_error *grown =
        opk_grow(report->errors, &report->cap, report->count + 1, sizeof(*grown));
    if (!grown) {
        fail_memory(run);
        return false;
    }
    report->errors = grown;
    grown[report->count++] = (struct opk_schema_error){
        .line = place->line,
        .column = place->column,
        .pointer = pointer_of(&report->arena, node),
        .keyword = check ? opk_str_of(check->keyword->name) : OPK_STR("false"),
        .message = message,
        .hint = hint_of(report, check, hint),
    };
    if (report->arena.failed)
        fail_memory(run);
    return false;
}

bool opk_schema_tell(struct opk_schema_run *run, const struct opk_schema_check *check,
                     const struct opk_node *node, struct opk_str message, const char *hint)
{
    return tell(run, check, node, false, message, hint);
}

bool opk_schema_tell_key(struct opk_schema_run *run, const struct opk_schema_check *check,
                         const struct opk_node *node, struct opk_str message, const char *hint)
{
    return tell(run, check, node, true, message, hint);
}

const struct opk_schema *opk_schema_dynamic(struct opk_schema_run *run,
                                            const struct opk_schema_check *check)
{
    const struct opk_schema *found = NULL;

    /* The outermost resource on the way here that has the anchor, too. */
    for (size_t i = 0; check->anchor.len > 0 && i < run->depth; i++) {
        enum opk_status status =
            opk_schema_anchored(run->set, run->scope[i]->resource, check->anchor, &found, run->err);
        if (status != OPK_OK)
            run->status = status;
        if (status != OPK_OK || found)
            break;
    }
    return found ? found : check->schemas[0];
}

/* The limits that a schema, not a document, runs into. */
static bool is_too_much(struct opk_schema_run *run, const struct opk_node *instance)
{
    struct opk_place place = opk_node_place(instance, NULL);

    if (run->depth == OPK_SCHEMA_DEPTH_MAX)
        run->status = opk_fail(run->err, OPK_E_LIMIT, place,
                               "schemas nest deeper than %d; one may refer to itself without end",
                               OPK_SCHEMA_DEPTH_MAX);
    else if (run->steps++ == OPK_SCHEMA_STEPS_MAX)
        run->status = opk_fail(run->err, OPK_E_LIMIT, place,
                               "more than %llu schemas to check; alternatives multiply",
                               (unsigned long long)OPK_SCHEMA_STEPS_MAX);
    return run->status != OPK_OK;
}

static bool run_checks(struct opk_schema_run *run, const struct opk_schema *schema,
                       const struct opk_node *instance, bool *own)
{
    bool *outer = run->seen;
    bool valid = true;

    run->seen = own;
    run->scope[run->depth++] = schema;
    for (size_t i = 0; i < schema->check_count && run->status == OPK_OK; i++) {
        const struct opk_schema_check *check = &schema->checks[i];
        if (check->keyword->check)
            valid &= check->keyword->check(run, check, instance);
    }
    run->depth--;
    run->seen = outer;
    return valid && run->status == OPK_OK;
}

bool opk_schema_run_one(struct opk_schema_run *run, const struct opk_schema *schema,
                        const struct opk_node *instance, bool *seen)
{
    bool few[SEEN_FEW] = {false};
    bool *own = few;

    if (run->status != OPK_OK || is_too_much(run, instance))
        return false;
    if (schema->never)
        return tell(run, NULL, instance, false, OPK_STR("must not be there"), NULL);
    if (instance->count > SEEN_FEW)
        own = calloc(instance->count, sizeof(*own));
    if (!own) {
        fail_memory(run);
        return false;
    }
    bool valid = run_checks(run, schema, instance, own);
    for (size_t i = 0; valid && seen && i < instance->count; i++)
        seen[i] |= own[i];
    if (own != few)
        free(own);
    return valid;
}

static int by_place(const void *a, const void *b)
{
    const struct opk_schema_error *x = a;
    const struct opk_schema_error *y = b;

    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    int order = opk_str_cmp(x->keyword, y->keyword);
    return order != 0 ? order : opk_str_cmp(x->message, y->message);
}

enum opk_status opk_schema_check(struct opk_schema_set *set, const struct opk_schema *schema,
                                 const struct opk_node *instance, struct opk_schema_report *report,
                                 struct opk_err *err)
{
    struct opk_schema_run *run = calloc(1, sizeof(*run));
    enum opk_status status;

    if (!run)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory to check a document");
    run->set = set;
    run->report = report;
    run->err = err;
    status = opk_regex_scratch_new(&run->scratch, err);
    if (status == OPK_OK) {
        (void)opk_schema_run_one(run, schema, instance, NULL);
        status = run->status;
    }
    if (report->count > 0)
        qsort(report->errors, report->count, sizeof(*report->errors), by_place);
    opk_regex_scratch_free(run->scratch);
    opk_arena_done(&run->arena);
    free(run);
    return status;
}
