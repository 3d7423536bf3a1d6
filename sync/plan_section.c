/* Marked sections of documents. */
#include "sync/front_matter.h"
#include "sync/plan_impl.h"

#include "base/yaml.h"
#include "sync/marker.h"

#include <string.h>

/* The value of "key:" on a line, or the empty view. */
static struct opk_str value_on(struct opk_str line, struct opk_str key)
{
    if (!opk_str_starts(line, key))
        return OPK_STR_EMPTY;
    struct opk_str value = opk_str_trim(opk_str_skip(line, key.len));
    if (value.len >= 2 && (value.data[0] == '"' || value.data[0] == '\'') &&
        value.data[value.len - 1] == value.data[0])
        value = opk_str_slice(value, 1, value.len - 1);
    return value;
}

/* The pattern_id that a document's front matter names, or nothing. */
static struct opk_str front_matter_id(struct opk_str text)
{
    struct opk_str id = OPK_STR_EMPTY;
    struct opk_str head;
    struct opk_str line;

    if (opk_front_matter_find(text, &head) != OPK_FRONT_MATTER_FOUND)
        return id;
    struct opk_split lines = OPK_SPLIT(head, '\n');
    while (id.len == 0 && opk_split_next(&lines, &line))
        id = value_on(opk_str_trim_end(line), OPK_STR("pattern_id:"));
    return id;
}

/* The id in a section's line "Pattern: KEY (ID)". */
static struct opk_str section_pattern_id(struct opk_str inside)
{
    struct opk_split lines = OPK_SPLIT(inside, '\n');
    struct opk_str line;

    while (opk_split_next(&lines, &line)) {
        struct opk_str value = value_on(opk_str_trim(line), OPK_STR("Pattern:"));
        size_t open = opk_str_rfind_byte(value, '(');
        if (open != OPK_NPOS && opk_str_ends(value, OPK_STR(")")))
            return opk_str_slice(value, open + 1, value.len - 1);
    }
    return OPK_STR_EMPTY;
}

static enum opk_status check_owner(struct opk_planner *planner, const struct opk_task *task,
                                   struct opk_str id, uint64_t line)
{
    if (id.len == 0 || opk_str_eq(id, task->card->pattern_id))
        return OPK_OK;
    return opk_fail(planner->err, OPK_E_REFUSED, OPK_AT_LINE(task->file->path, line),
                    "this %s belongs to %.*s, not to %.*s of %s", task->rule->target->noun,
                    OPK_STR_FMT(id), OPK_STR_FMT(task->card->pattern_id), task->card->path);
}

/* The text that the rule's template gives a section. */
static enum opk_status content_of(struct opk_planner *planner, const struct opk_task *task,
                                  struct opk_section_content *out)
{
    struct opk_tval content;
    enum opk_status status = opk_planner_value(planner, task, task->rule->body, &content);

    if (status == OPK_OK && content.kind != OPK_TVAL_STRING)
        status = opk_fail(planner->err, OPK_E_INVALID, task->rule->place,
                          "rule %s: the template of a section must give a text", task->rule->name);
    if (status == OPK_OK)
        *out = (struct opk_section_content){task->rule->section_id, content.text,
                                            task->rule->checksum};
    return status;
}

static enum opk_status set_text(struct opk_planner *planner, const struct opk_task *task,
                                struct opk_str text, const char *what)
{
    enum opk_status status = opk_files_set(&planner->repo->files, task->file, text, planner->err);

    return status == OPK_OK
               ? opk_planner_change(planner, task,
                                    opk_arena_printf(planner->arena, "%s %.*s", what,
                                                     OPK_STR_FMT(task->rule->section_id)),
                                    NULL, NULL)
               : status;
}

static enum opk_status insert_section(struct opk_planner *planner, const struct opk_task *task)
{
    struct opk_section_content content;
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status = content_of(planner, task, &content);

    if (status == OPK_OK)
        status =
            opk_section_append(task->file->now, task->file->path, &content, &text, planner->err);
    if (status == OPK_OK)
        status = set_text(planner, task, opk_buf_str(&text), "new section");
    opk_buf_done(&text);
    return status == OPK_OK ? OPK_OK : opk_planner_problem(planner);
}

/* A document without the section: a failure where the rule requires it, else worth a note. A
 * document without any is told of once, whatever the rules. */
static enum opk_status absent_section(struct opk_planner *planner, const struct opk_task *task,
                                      const struct opk_sections *sections)
{
    uint64_t line = opk_sections_code_line(sections, task->rule->section_id);
    struct opk_place place = OPK_AT_LINE(task->file->path, line ? line : 1);
    struct opk_str id = task->rule->section_id;
    struct opk_err told;

    if (planner->options->insert_missing)
        return insert_section(planner, task);
    if (task->rule->optional)
        return OPK_OK;
    if (line)
        opk_err_set(&told, OPK_E_NOENT, place,
                    "this marker of section %.*s stands in code, where it is text; set it outside",
                    OPK_STR_FMT(id));
    else if (sections->count == 0 && !task->rule->required)
        opk_err_set(&told, OPK_E_NOENT, place,
                    "no auto-gen markers in %s; --insert-missing adds them", task->file->path);
    else if (sections->count == 0)
        opk_err_set(&told, OPK_E_NOENT, place,
                    "no auto-gen markers in %s; add PATTERN_AUTO:%.*s:BEGIN and :END, or run with "
                    "--insert-missing",
                    task->file->path, OPK_STR_FMT(id));
    else
        opk_err_set(&told, OPK_E_NOENT, place,
                    "no section %.*s in %s; add PATTERN_AUTO:%.*s:BEGIN and :END, or run with "
                    "--insert-missing",
                    OPK_STR_FMT(id), task->file->path, OPK_STR_FMT(id));
    if (!task->rule->required)
        return opk_problems_note(&planner->plan->problems, &told, planner->err);
    *planner->err = told;
    return opk_planner_problem(planner);
}

/* Does a section say the same in both texts? */
static enum opk_status same_inside(struct opk_planner *planner, const struct opk_task *task,
                                   const struct opk_section *old, struct opk_str text,
                                   bool *out_same)
{
    struct opk_str before = opk_str_slice(task->file->now, old->inside.begin, old->inside.end);
    struct opk_sections sections;
    enum opk_status status =
        opk_sections_parse(text, task->file->path, planner->arena, &sections, planner->err);

    if (status != OPK_OK)
        return status;
    const struct opk_section *new = opk_sections_find(&sections, old->id);
    *out_same = new &&opk_str_eq(before, opk_str_slice(text, new->inside.begin, new->inside.end));
    return OPK_OK;
}

/* What a person wrote into a section is not overwritten unasked. */
static enum opk_status check_unedited(struct opk_planner *planner, const struct opk_task *task,
                                      const struct opk_section *section, struct opk_str text,
                                      bool *out_may)
{
    bool is_edited = false;
    bool is_same = false;
    enum opk_status status =
        opk_section_is_edited(task->file->now, section, &is_edited, planner->err);

    *out_may = true;
    if (status != OPK_OK || !is_edited || planner->options->overwrite)
        return status;
    status = same_inside(planner, task, section, text, &is_same);
    if (status != OPK_OK || is_same)
        return status;
    *out_may = false;
    (void)opk_fail(planner->err, OPK_E_REFUSED, OPK_AT_LINE(task->file->path, section->begin_line),
                   "section %.*s was edited by hand; move what you wrote out of it, or run with "
                   "--overwrite to lose it",
                   OPK_STR_FMT(section->id));
    return opk_problems_drift(&planner->plan->problems, planner->err);
}

static enum opk_status replace_section(struct opk_planner *planner, const struct opk_task *task,
                                       const struct opk_section *section)
{
    struct opk_section_content content;
    struct opk_buf text = OPK_BUF_EMPTY;
    bool may = true;
    enum opk_status status = content_of(planner, task, &content);

    if (status == OPK_OK)
        status =
            opk_section_replace(task->file->now, task->file->path, &content, &text, planner->err);
    if (status == OPK_OK)
        status = check_unedited(planner, task, section, opk_buf_str(&text), &may);
    if (status == OPK_OK && may && !opk_str_eq(opk_buf_str(&text), task->file->now))
        status = set_text(planner, task, opk_buf_str(&text), "section");
    opk_buf_done(&text);
    return status;
}

/* Do all lines begin with "#", or have none? */
static bool is_comment(struct opk_str text)
{
    struct opk_split lines = OPK_SPLIT(text, '\n');
    struct opk_str line;

    while (opk_split_next(&lines, &line)) {
        line = opk_str_trim(line);
        if (line.len > 0 && line.data[0] != '#')
            return false;
    }
    return true;
}

/* A field that another rule keeps may stand in a section of a spec: then two write its lines. */
static bool fields_are_free(struct opk_planner *planner, const struct opk_task *task,
                            const struct opk_section *section, enum opk_status *out_status)
{
    struct opk_yaml_limits limits = {.bytes = OPK_YAML_REGISTRY_MAX};
    struct opk_doc doc = {0};
    bool is_free = true;

    *out_status = OPK_OK;
    if (opk_marker_form_of(opk_str_of(task->file->path)) != OPK_MARKER_YAML ||
        is_comment(opk_str_slice(task->file->now, section->inside.begin, section->inside.end)))
        return true;
    *out_status = opk_yaml_parse(task->file->now, task->file->path, limits, &doc, planner->err);
    if (*out_status != OPK_OK) {
        *out_status = opk_planner_problem(planner);
        return false;
    }
    const struct opk_node *node =
        doc.root && doc.root->kind == OPK_NODE_MAP ? doc.root->first : NULL;
    for (; node && is_free; node = node->next) {
        if (node->key->line < section->begin_line || node->key->line > section->end_line)
            continue;
        struct opk_str place =
            opk_arena_printf(planner->arena, "field %.*s", OPK_STR_FMT(node->key->text));
        const struct opk_claim *claim = opk_planner_find_claim(planner, task->file, place);
        if (claim)
            *out_status = opk_planner_two_writers(planner, claim, task, place);
        is_free = claim == NULL;
    }
    opk_doc_done(&doc);
    return is_free;
}

enum opk_status opk_plan_section(struct opk_planner *planner, const struct opk_task *task)
{
    struct opk_str id = task->rule->section_id;
    struct opk_str text = task->file->now;
    struct opk_sections sections = {0};
    enum opk_status status =
        opk_sections_parse(text, task->file->path, planner->arena, &sections, planner->err);

    if (status == OPK_OK)
        status = check_owner(planner, task, front_matter_id(text), 1);
    if (status != OPK_OK)
        return opk_planner_problem(planner);
    const struct opk_section *section = opk_sections_find(&sections, id);
    if (!section)
        return absent_section(planner, task, &sections);
    struct opk_str place = opk_arena_printf(planner->arena, "section %.*s", OPK_STR_FMT(id));
    if (!opk_planner_claim(planner, task, place, &status) ||
        !fields_are_free(planner, task, section, &status))
        return status;
    struct opk_str inside = opk_str_slice(text, section->inside.begin, section->inside.end);
    status = check_owner(planner, task, section_pattern_id(inside), section->begin_line);
    if (status == OPK_OK)
        status = replace_section(planner, task, section);
    return status == OPK_OK ? OPK_OK : opk_planner_problem(planner);
}
