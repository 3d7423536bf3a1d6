/* Marked sections are changed here: their content, their sum, and the markers of a new one. */
#include "sync/marker_impl.h"

#include "base/hash.h"

#include <stdio.h>
#include <string.h>

enum opk_status opk_content_sum(struct opk_str lines, struct opk_str indent,
                                char out_sum[OPK_SECTION_SUM + 1], struct opk_err *err)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_marker_line line = {0};

    while (opk_marker_line_next(lines, &line)) {
        bool is_indented = opk_str_starts(line.text, indent);
        opk_buf_append(&text, opk_str_skip(line.text, is_indented ? indent.len : 0));
        opk_buf_append_byte(&text, '\n');
    }
    enum opk_status status = opk_buf_check(&text, err);
    if (status == OPK_OK)
        (void)snprintf(out_sum, OPK_SECTION_SUM + 1, "%016llx",
                       (unsigned long long)opk_hash64(opk_buf_str(&text)));
    opk_buf_done(&text);
    return status;
}

enum opk_status opk_section_is_edited(struct opk_str text, const struct opk_section *section,
                                      bool *out_is_edited, struct opk_err *err)
{
    struct opk_str inside = opk_str_slice(text, section->inside.begin, section->inside.end);
    char sum[OPK_SECTION_SUM + 1];
    enum opk_status status = opk_content_sum(inside, section->indent, sum, err);

    if (status == OPK_OK)
        *out_is_edited = section->sum.len > 0 && !opk_str_eq(opk_str_of(sum), section->sum);
    return status;
}

/* Content as whole lines with the section's indentation and line ends; empty stays empty. */
static void write_content(const struct opk_section *section, struct opk_str content,
                          struct opk_buf *out)
{
    struct opk_marker_line line = {0};

    while (opk_marker_line_next(content, &line)) {
        if (line.text.len > 0)
            opk_buf_append(out, section->indent);
        opk_buf_append(out, line.text);
        opk_buf_append_cstr(out, section->crlf ? "\r\n" : "\n");
    }
}

/* The new text must have the sections of the old one at their places: the same bytes from the start
 * up to the new content, the same bytes from the end behind it, but for a sum that grew. Content
 * that opens a fence could else hide an END, and another one be taken for it. */
static bool same_places(const struct opk_sections *before, size_t before_len,
                        const struct opk_sections *after, size_t after_len,
                        const struct opk_section *replaced)
{
    if (after->count != before->count)
        return false;
    for (size_t i = 0; i < after->count; i++) {
        const struct opk_section *a = &before->items[i];
        const struct opk_section *b = &after->items[i];
        bool begins = a <= replaced ? b->inside.begin == a->inside.begin
                                    : after_len - b->inside.begin == before_len - a->inside.begin;
        bool ends = a < replaced ? b->inside.end == a->inside.end
                                 : after_len - b->tail.end == before_len - a->tail.end;
        if (!begins || !ends || !opk_str_eq(a->id, b->id))
            return false;
    }
    return true;
}

/* Content that brings the section's own markers along stands for what lies between them. It is a
 * part of a text, so it need not be YAML of its own. */
static enum opk_status own_inside(const char *path, struct opk_str id, struct opk_arena *arena,
                                  struct opk_str *content, struct opk_err *err)
{
    enum opk_marker_form form = opk_marker_form_of(opk_str_of(path));
    struct opk_sections brought = {0};
    enum opk_status status = opk_sections_parse_as(
        *content, path, form == OPK_MARKER_YAML ? OPK_MARKER_HASH : form, arena, &brought, err);

    if (status != OPK_OK) {
        if (err && status == OPK_E_INVALID) {
            struct opk_err inner = *err;
            return opk_fail(err, OPK_E_INVALID, OPK_AT_PATH(path),
                            "the new content of section %.*s, line %llu: %s", OPK_STR_FMT(id),
                            (unsigned long long)inner.line, inner.message);
        }
        return status;
    }
    const struct opk_section *own = opk_sections_find(&brought, id);
    if (own)
        *content = opk_str_slice(*content, own->inside.begin, own->inside.end);
    return OPK_OK;
}

/* The whole text with the new inside, and with its sum where there is one or shall be one. */
static enum opk_status write_section(struct opk_str text, const struct opk_section *section,
                                     const struct opk_section_content *content,
                                     struct opk_str inside, struct opk_buf *out,
                                     struct opk_err *err)
{
    char sum[OPK_SECTION_SUM + 1];

    opk_buf_append(out, opk_str_slice(text, 0, section->inside.begin));
    write_content(section, inside, out);
    opk_buf_append(out, opk_str_slice(text, section->inside.end, section->tail.begin));
    if (section->has_sum || content->checksum) {
        enum opk_status status = opk_content_sum(inside, OPK_STR_EMPTY, sum, err);
        if (status != OPK_OK)
            return status;
        opk_buf_printf(out, " sum=%s", sum);
        opk_buf_append(out, opk_str_skip(text, section->tail.end));
    } else {
        opk_buf_append(out, opk_str_skip(text, section->tail.begin));
    }
    return opk_buf_check(out, err);
}

/* Does the changed text have the sections of the old one? Says how it does not. */
static enum opk_status check_replaced(struct opk_str text, const char *path,
                                      const struct opk_sections *sections,
                                      const struct opk_section *section, struct opk_str replaced,
                                      struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_sections after = {0};
    struct opk_err inner;
    enum opk_status status = opk_sections_parse(replaced, path, &arena, &after, &inner);
    bool is_same =
        status == OPK_OK && same_places(sections, text.len, &after, replaced.len, section);

    opk_arena_done(&arena);

    if (status == OPK_E_SYNTAX)
        return opk_fail(err, OPK_E_INVALID, OPK_AT_PATH(path),
                        "the new content of section %.*s would break this file, line %llu: %s",
                        OPK_STR_FMT(section->id), (unsigned long long)inner.line, inner.message);
    if (status == OPK_E_INVALID || (status == OPK_OK && !is_same))
        return opk_fail(err, OPK_E_INVALID, OPK_AT_PATH(path),
                        "the new content of section %.*s would add or hide a marker",
                        OPK_STR_FMT(section->id));
    if (status != OPK_OK && err)
        *err = inner;
    return status;
}

enum opk_status opk_section_replace(struct opk_str text, const char *path,
                                    const struct opk_section_content *content, struct opk_buf *out,
                                    struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_buf replaced = OPK_BUF_EMPTY;
    struct opk_sections sections = {0};
    struct opk_str inside = content->text;
    const struct opk_section *section;
    enum opk_status status = opk_sections_parse(text, path, &arena, &sections, err);

    if (status != OPK_OK)
        goto out;
    section = opk_sections_find(&sections, content->id);
    if (!section) {
        status = opk_fail(err, OPK_E_NOENT, OPK_AT_PATH(path), "no section %.*s in this file",
                          OPK_STR_FMT(content->id));
        goto out;
    }
    status = own_inside(path, content->id, &arena, &inside, err);
    if (status == OPK_OK)
        status = write_section(text, section, content, inside, &replaced, err);
    if (status == OPK_OK && !opk_str_eq(opk_buf_str(&replaced), text))
        status = check_replaced(text, path, &sections, section, opk_buf_str(&replaced), err);
    if (status == OPK_OK) {
        opk_buf_append(out, opk_buf_str(&replaced));
        status = opk_buf_check(out, err);
    }

out:
    opk_buf_done(&replaced);
    opk_arena_done(&arena);
    return status;
}

/* Markers of a new, empty section at the end of a text, in its line ends; a blank line before them
 * in Markdown. */
static void append_markers(struct opk_str text, enum opk_marker_form form, struct opk_str id,
                           struct opk_buf *out)
{
    const char *eol;
    const char *open = form == OPK_MARKER_HTML ? "<!--" : "#";
    const char *close = form == OPK_MARKER_HTML ? " -->" : "";
    struct opk_marker_line line = {0};
    bool has_lines = opk_marker_line_next(text, &line);

    eol = line.crlf ? "\r\n" : "\n";
    while (opk_marker_line_next(text, &line))
        continue;
    opk_buf_append(out, text);
    if (has_lines && !opk_str_ends(text, OPK_STR("\n")))
        opk_buf_append_cstr(out, eol);
    if (has_lines && form == OPK_MARKER_HTML && opk_str_trim(line.text).len > 0)
        opk_buf_append_cstr(out, eol);
    opk_buf_printf(out, "%s PATTERN_AUTO:%.*s:BEGIN%s%s", open, OPK_STR_FMT(id), close, eol);
    opk_buf_printf(out, "%s PATTERN_AUTO:%.*s:END%s%s", open, OPK_STR_FMT(id), close, eol);
}

enum opk_status opk_section_append(struct opk_str text, const char *path,
                                   const struct opk_section_content *content, struct opk_buf *out,
                                   struct opk_err *err)
{
    enum opk_marker_form form = opk_marker_form_of(opk_str_of(path));
    struct opk_arena arena = {0};
    struct opk_sections before = {0};
    struct opk_sections after = {0};
    struct opk_buf grown = OPK_BUF_EMPTY;
    enum opk_status status = opk_sections_parse(text, path, &arena, &before, err);

    append_markers(text, form, content->id, &grown);
    if (status == OPK_OK)
        status = opk_buf_check(&grown, err);
    if (status == OPK_OK)
        status = opk_sections_parse(opk_buf_str(&grown), path, &arena, &after, err);
    if (status == OPK_OK && after.count != before.count + 1)
        status = opk_fail(err, OPK_E_REFUSED, OPK_AT_PATH(path),
                          "this file ends in code or a string, where markers are text; add those "
                          "of section %.*s by hand",
                          OPK_STR_FMT(content->id));
    if (status == OPK_OK)
        status = opk_section_replace(opk_buf_str(&grown), path, content, out, err);
    opk_buf_done(&grown);
    opk_arena_done(&arena);
    return status;
}
