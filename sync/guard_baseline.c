/* Findings that were there before, and are not held against a change. */
#include "sync/guard.h"

#include "base/json.h"
#include "base/map.h"

#include <stdlib.h>

static void put(struct opk_json_writer *json, const char *key, struct opk_str text)
{
    opk_json_key(json, key);
    opk_json_string(json, text);
}

/* A finding as its line. */
static void append_line(struct opk_buf *out, struct opk_str rule, struct opk_str path,
                        struct opk_str message)
{
    struct opk_json_writer json = OPK_JSON_WRITER(out);

    opk_json_open(&json, '{');
    put(&json, "rule", rule);
    put(&json, "path", path);
    put(&json, "message", message);
    opk_json_close(&json, '}');
}

static struct opk_str line_of(const struct opk_finding *finding, struct opk_buf *buf)
{
    opk_buf_clear(buf);
    append_line(buf, opk_str_of(finding->rule->id), opk_str_of(finding->err.path),
                opk_str_of(finding->err.message));
    return opk_buf_str(buf);
}

static bool counts(const struct opk_finding *finding)
{
    return finding->severity >= OPK_SEVERITY_WARNING && finding->excused.len == 0;
}

static int compare_lines(const void *left, const void *right)
{
    const struct opk_str *a = left;
    const struct opk_str *b = right;

    return opk_str_cmp(*a, *b);
}

enum opk_status opk_findings_baseline(const struct opk_findings *findings, struct opk_buf *out,
                                      struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_buf buf = OPK_BUF_EMPTY;
    struct opk_str *lines = opk_arena_array(&arena, findings->count + 1, sizeof(*lines));
    size_t count = 0;
    enum opk_status status;

    for (size_t i = 0; lines && i < findings->count; i++) {
        if (counts(&findings->items[i]))
            lines[count++] = opk_arena_copy(&arena, line_of(&findings->items[i], &buf));
    }
    status = opk_arena_check(&arena, err);
    if (status == OPK_OK)
        status = opk_buf_check(&buf, err);
    if (status == OPK_OK && count > 0)
        qsort(lines, count, sizeof(*lines), compare_lines);
    for (size_t i = 0; i < count && status == OPK_OK; i++) {
        if (i > 0 && opk_str_eq(lines[i], lines[i - 1]))
            continue;
        opk_buf_append(out, lines[i]);
        opk_buf_append_byte(out, '\n');
    }
    opk_buf_done(&buf);
    opk_arena_done(&arena);
    return status == OPK_OK ? opk_buf_check(out, err) : status;
}

/* A line in the spelling of line_of, whoever wrote it. */
static enum opk_status read_line(struct opk_str line, const char *path, struct opk_map *known,
                                 struct opk_err *err)
{
    struct opk_buf buf = OPK_BUF_EMPTY;
    struct opk_doc doc = {0};
    uint32_t index;
    bool is_new;
    enum opk_status status = opk_json_parse(line, path, &doc, err);

    if (status != OPK_OK)
        return status;
    struct opk_str rule = opk_node_text(opk_node_get(doc.root, "rule"));
    append_line(&buf, rule, opk_node_text(opk_node_get(doc.root, "path")),
                opk_node_text(opk_node_get(doc.root, "message")));
    status = opk_buf_check(&buf, err);
    if (status == OPK_OK && !opk_guard_find(rule))
        status = opk_fail(err, OPK_E_INVALID, OPK_AT_PATH(path),
                          "a line of a baseline is an object with rule, path and message");
    if (status == OPK_OK)
        status = opk_map_add(known, opk_buf_str(&buf), &index, &is_new, err);
    opk_doc_done(&doc);
    opk_buf_done(&buf);
    return status;
}

static enum opk_status read_lines(struct opk_str text, const char *path, struct opk_map *known,
                                  struct opk_err *err)
{
    struct opk_split lines = OPK_SPLIT(text, '\n');
    enum opk_status status = OPK_OK;
    struct opk_str line;
    uint64_t number = 0;

    while (status == OPK_OK && opk_split_next(&lines, &line)) {
        number++;
        if (opk_str_trim(line).len > 0)
            status = read_line(line, path, known, err);
    }
    if (status != OPK_OK && err)
        err->line = number;
    return status;
}

enum opk_status opk_findings_excuse(struct opk_findings *findings, struct opk_str baseline,
                                    const char *path, size_t *out_unused, struct opk_err *err)
{
    struct opk_buf buf = OPK_BUF_EMPTY;
    struct opk_map *known = NULL;
    struct opk_map *used = NULL;
    uint32_t index;
    bool is_new;
    enum opk_status status = opk_map_new(&known, err);

    if (status == OPK_OK)
        status = opk_map_new(&used, err);
    if (status == OPK_OK)
        status = read_lines(baseline, path, known, err);
    for (size_t i = 0; i < findings->count && status == OPK_OK; i++) {
        struct opk_finding *finding = &findings->items[i];
        if (!counts(finding) || !opk_map_find(known, line_of(finding, &buf), NULL))
            continue;
        finding->excused = OPK_STR("the baseline holds it");
        status = opk_map_add(used, opk_buf_str(&buf), &index, &is_new, err);
    }
    if (status == OPK_OK)
        status = opk_buf_check(&buf, err);
    if (status == OPK_OK)
        *out_unused = opk_map_count(known) - opk_map_count(used);
    opk_map_free(known);
    opk_map_free(used);
    opk_buf_done(&buf);
    return status;
}
