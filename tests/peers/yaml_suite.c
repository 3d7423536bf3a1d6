/*
 * yaml_suite - yaml-test-suite against the YAML reader and the editor of single values.
 *
 * usage: yaml_suite FOLDER...
 *
 * A FOLDER holds in.yaml, test.event, and error where in.yaml is no YAML. Each document's verdict
 * is libyaml's: one that is not the suite's is a line. What is read right is then edited at every
 * place, in four variants; a wrong edit is a line and a failure, what is refused is counted by its
 * reason. Everything printed is compared with what stands in yaml_suite.expected.
 */
#include "support/yaml_property.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX    ((size_t)1 << 20)
#define REASONS_MAX 64

enum variant { LF, CRLF, BOM, WIDE, VARIANTS };

static const char *const VARIANT_NAMES[] = {"LF", "CRLF", "BOM", "multi-byte"};

struct reason {
    char text[160];
    size_t count;
};

struct totals {
    size_t documents;
    size_t right;
    size_t refused_valid;
    size_t taken_invalid;
    size_t other_tree;
    size_t edits[VARIANTS];
    size_t refused[VARIANTS];
    size_t wrong;
    struct reason reasons[REASONS_MAX];
    size_t reason_count;
};

/* ---- events ---- */

static void print_escaped(struct opk_str text, struct opk_buf *out)
{
    static const char FROM[] = "\\\n\t\r\b";
    static const char TO[] = "\\ntrb";

    for (size_t i = 0; i < text.len; i++) {
        const char *found = text.data[i] ? strchr(FROM, text.data[i]) : NULL;
        if (found)
            opk_buf_printf(out, "\\%c", TO[found - FROM]);
        else
            opk_buf_append_byte(out, text.data[i]);
    }
}

/* Depth is limited by the reader. */
static void print_events(const struct opk_node *node, struct opk_buf *out)
{
    bool is_map = node->kind == OPK_NODE_MAP;
    bool is_list = node->kind == OPK_NODE_SEQ;

    if (node->kind == OPK_NODE_ALIAS) {
        opk_buf_printf(out, "=ALI *%.*s\n", OPK_STR_FMT(node->text));
        return;
    }
    opk_buf_append_cstr(out, is_map ? "+MAP" : is_list ? "+SEQ" : "=VAL");
    if (node->props && node->props->anchor.len > 0)
        opk_buf_printf(out, " &%.*s", OPK_STR_FMT(node->props->anchor));
    if (node->props && node->props->tag.len > 0)
        opk_buf_printf(out, " <%.*s>", OPK_STR_FMT(node->props->tag));
    if (!is_map && !is_list) {
        opk_buf_append_cstr(out, " :");
        print_escaped(node->text, out);
    }
    opk_buf_append_byte(out, '\n');
    for (const struct opk_node *child = node->first; child; child = child->next) {
        if (is_map)
            print_events(child->key, out);
        print_events(child, out);
    }
    if (is_map || is_list)
        opk_buf_append_cstr(out, is_map ? "-MAP\n" : "-SEQ\n");
}

/* The suite's events without what a tree does not hold: documents' marks, styles. */
static void fold_events(struct opk_str text, struct opk_buf *out)
{
    struct opk_split lines = OPK_SPLIT(text, '\n');
    struct opk_str line;

    while (opk_split_next(&lines, &line)) {
        struct opk_str kind = opk_str_slice(line, 0, 4);
        struct opk_str rest = opk_str_skip(line, 4);
        if (line.len < 4 || opk_str_eq(opk_str_skip(kind, 1), OPK_STR("STR")) ||
            opk_str_eq(opk_str_skip(kind, 1), OPK_STR("DOC")))
            continue;
        if (opk_str_starts(rest, OPK_STR(" []")) || opk_str_starts(rest, OPK_STR(" {}")))
            rest = opk_str_skip(rest, 3);
        opk_buf_append(out, kind);
        while (opk_str_starts(rest, OPK_STR(" &")) || opk_str_starts(rest, OPK_STR(" <"))) {
            size_t end = opk_str_find_byte(rest, ' ', 1);
            opk_buf_append(out, opk_str_slice(rest, 0, end));
            rest = opk_str_skip(rest, end == OPK_NPOS ? rest.len : end);
        }
        if (opk_str_eq(kind, OPK_STR("=VAL"))) {
            opk_buf_append_cstr(out, " :");
            rest = opk_str_skip(rest, 2);
        }
        opk_buf_append(out, rest);
        opk_buf_append_byte(out, '\n');
    }
}

/* ---- edits ---- */

/* The text in another hand; false where that would be another document. */
static bool write_variant(struct opk_str text, enum variant variant, struct opk_buf *out)
{
    if (variant == CRLF && opk_str_find_byte(text, '\r', 0) != OPK_NPOS)
        return false;
    if (variant == BOM && opk_str_starts(text, OPK_STR("\xEF\xBB\xBF")))
        return false;
    if (variant == BOM)
        opk_buf_append_cstr(out, "\xEF\xBB\xBF");
    if (variant == WIDE) /* characters before every place: marks count them, spans count bytes */
        opk_buf_append_cstr(out, "# \xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9E\n");
    for (size_t i = 0; i < text.len; i++) {
        if (variant == CRLF && text.data[i] == '\n')
            opk_buf_append_byte(out, '\r');
        opk_buf_append_byte(out, text.data[i]);
    }
    return true;
}

static void count_reasons(struct totals *totals, struct opk_str reasons)
{
    struct opk_split lines = OPK_SPLIT(reasons, '\n');
    struct opk_str line;

    while (opk_split_next(&lines, &line) && line.len > 0) {
        size_t colon = opk_str_find(line, OPK_STR(": "), 0);
        size_t blank = opk_str_find_byte(line, ' ', 0);
        char text[sizeof(totals->reasons[0].text)];
        size_t at = 0;
        (void)snprintf(text, sizeof(text), "%.*s: %.*s", (int)blank, line.data,
                       (int)(line.len - colon - 2), line.data + colon + 2);
        while (at < totals->reason_count && strcmp(totals->reasons[at].text, text) != 0)
            at++;
        if (at == REASONS_MAX)
            at--;
        if (at == totals->reason_count) {
            memcpy(totals->reasons[at].text, text, sizeof(text));
            totals->reason_count++;
        }
        totals->reasons[at].count++;
    }
}

/* No edit leaves every byte as it was. */
static bool is_kept(struct opk_str text)
{
    const struct opk_yaml_limits limits = {.bytes = FILE_MAX, .allow_foreign = true};
    struct opk_yaml_edit *edit = NULL;
    struct opk_buf now = OPK_BUF_EMPTY;
    bool kept = opk_yaml_edit_new(text, "f", limits, &edit, NULL) == OPK_OK &&
                opk_yaml_edit_finish(edit, &now, NULL) == OPK_OK &&
                opk_str_eq(opk_buf_str(&now), text);

    opk_yaml_edit_free(edit);
    opk_buf_done(&now);
    return kept;
}

static void edit_all(const char *name, struct opk_str text, struct totals *totals)
{
    static const char *const NEW_TEXTS[] = {"new", "a: b # \xC3\xA9", "two\nlines\n"};

    for (int variant = LF; variant < VARIANTS; variant++) {
        struct opk_buf now = OPK_BUF_EMPTY;
        struct opk_yaml_property result = {0};
        bool written = write_variant(text, (enum variant)variant, &now);
        for (size_t i = 0; written && i < sizeof(NEW_TEXTS) / sizeof(NEW_TEXTS[0]); i++)
            opk_yaml_property_check(opk_buf_str(&now), opk_str_of(NEW_TEXTS[i]), &result);
        if (result.message.len > 0 || (result.edits > 0 && !is_kept(opk_buf_str(&now)))) {
            (void)printf("%s in %s: wrong: %s\n", name, VARIANT_NAMES[variant],
                         opk_buf_cstr(&result.message));
            totals->wrong++;
        }
        totals->edits[variant] += result.edits;
        totals->refused[variant] += result.refused;
        count_reasons(totals, opk_buf_str(&result.reasons));
        opk_buf_done(&result.message);
        opk_buf_done(&result.reasons);
        opk_buf_done(&now);
    }
}

/* ---- the suite ---- */

static void read_file(const char *folder, const char *name, struct opk_buf *out)
{
    struct opk_buf path = OPK_BUF_EMPTY;
    struct opk_err err;

    opk_buf_printf(&path, "%s/%s", folder, name);
    if (opk_file_read(opk_buf_cstr(&path), FILE_MAX, out, &err) != OPK_OK)
        (void)printf("%s: %s\n", folder, err.message);
    opk_buf_done(&path);
}

static bool has_file(const char *folder, const char *name)
{
    struct opk_buf path = OPK_BUF_EMPTY;

    opk_buf_printf(&path, "%s/%s", folder, name);
    bool has = access(opk_buf_cstr(&path), F_OK) == 0;
    opk_buf_done(&path);
    return has;
}

static bool same_events(const struct opk_doc *doc, const char *folder)
{
    struct opk_buf got = OPK_BUF_EMPTY;
    struct opk_buf want = OPK_BUF_EMPTY;
    struct opk_buf events = OPK_BUF_EMPTY;

    for (const struct opk_node *root = doc->root; root; root = root->next)
        print_events(root, &got);
    read_file(folder, "test.event", &events);
    fold_events(opk_buf_str(&events), &want);
    bool same = opk_str_eq(opk_buf_str(&got), opk_buf_str(&want));
    opk_buf_done(&got);
    opk_buf_done(&want);
    opk_buf_done(&events);
    return same;
}

static void check(const char *folder, const char *name, struct totals *totals)
{
    const struct opk_yaml_limits limits = {.bytes = FILE_MAX, .allow_foreign = true};
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_doc doc = {0};
    struct opk_err err = {0};
    bool is_error = has_file(folder, "error");

    read_file(folder, "in.yaml", &text);
    enum opk_status status = opk_yaml_parse(opk_buf_str(&text), "in.yaml", limits, &doc, &err);
    totals->documents++;
    if (status != OPK_OK && !is_error) {
        totals->refused_valid++;
        (void)printf("%s refused: %llu: %s\n", name, (unsigned long long)err.line, err.message);
    } else if (status == OPK_OK && is_error) {
        totals->taken_invalid++;
        (void)printf("%s taken, though it is no YAML\n", name);
    } else if (status == OPK_OK && !same_events(&doc, folder)) {
        totals->other_tree++;
        (void)printf("%s read as another tree\n", name);
    } else {
        totals->right++;
        if (status == OPK_OK)
            edit_all(name, opk_buf_str(&text), totals);
    }
    opk_doc_done(&doc);
    opk_buf_done(&text);
}

static void report(const struct totals *totals)
{
    (void)printf(
        "%zu documents: %zu right, %zu valid refused, %zu invalid taken, %zu other trees\n",
        totals->documents, totals->right, totals->refused_valid, totals->taken_invalid,
        totals->other_tree);
    for (int variant = LF; variant < VARIANTS; variant++)
        (void)printf("%s: %zu edits, %zu refused\n", VARIANT_NAMES[variant], totals->edits[variant],
                     totals->refused[variant]);
    for (size_t i = 0; i < totals->reason_count; i++)
        (void)printf("%zu times %s\n", totals->reasons[i].count, totals->reasons[i].text);
    (void)printf("%zu wrong\n", totals->wrong);
}

int main(int argc, char **argv)
{
    struct totals *totals = calloc(1, sizeof(*totals));
    int code = OPK_EXIT_USAGE;

    if (totals && argc > 1) {
        for (int i = 1; i < argc; i++) {
            const char *below = strstr(argv[i], "/yts/");
            check(argv[i], below ? below + 5 : argv[i], totals);
        }
        report(totals);
        code = totals->wrong > 0;
    }
    free(totals);
    return code;
}
