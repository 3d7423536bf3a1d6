#include "cluster/canon.h"

#include "cluster/form.h"
#include "cluster/modes.h"
#include "cluster/shape.h"

/* Behind what repeats. */
#define ELLIPSIS "\xE2\x80\xA6"

static void write_class(struct opk_buf *out, struct opk_str word_class)
{
    opk_buf_append_byte(out, '<');
    opk_buf_append(out, word_class);
    opk_buf_append_byte(out, '>');
}

static void write_options(const struct opk_form *form, struct opk_buf *out)
{
    for (size_t i = 0; i < form->option_count; i++) {
        const struct opk_form_option *option = &form->options[i];
        /* What was of different classes may show the same one. */
        if (i > 0 && opk_str_eq(option->name, option[-1].name) &&
            opk_str_eq(option->value, option[-1].value))
            continue;
        opk_buf_append_byte(out, ' ');
        opk_buf_append(out, option->name);
        if (option->value.len == 0)
            continue;
        if (option->name.len > 1) /* "-5" is "-<number>" */
            opk_buf_append_byte(out, ' ');
        write_class(out, option->value);
    }
}

static void write_operands(const struct opk_form *form, struct opk_buf *out)
{
    for (size_t i = 0; i < form->operand_count; i++) {
        bool repeats = false;
        opk_buf_append_byte(out, ' ');
        write_class(out, form->operands[i]);
        while (i + 1 < form->operand_count &&
               opk_str_eq(form->operands[i], form->operands[i + 1])) {
            repeats = true;
            i++;
        }
        if (repeats)
            opk_buf_append_cstr(out, ELLIPSIS);
    }
}

/* A file, whatever its name looks like; text for what stands in the command line itself. */
static void write_redirects(const struct opk_parts *parts, struct opk_buf *out)
{
    for (size_t i = 0; i < parts->redirect_count; i++) {
        bool here = opk_str_starts(parts->redirects[i].sign, OPK_STR("<<"));
        opk_buf_append_byte(out, ' ');
        opk_buf_append(out, parts->redirects[i].sign);
        opk_buf_append_byte(out, ' ');
        write_class(out, here ? OPK_STR("text") : OPK_STR("path"));
    }
}

static void write_words(const struct opk_parts *parts, struct opk_buf *out)
{
    if (parts->wrapper.len > 0) {
        opk_buf_append(out, parts->wrapper);
        opk_buf_append_byte(out, ' ');
    }
    opk_buf_append(out, opk_buf_str(parts->path));
}

static void write_shape(const struct opk_model *model, const struct opk_parts *parts,
                        struct opk_buf *out, struct opk_buf *description)
{
    struct opk_form form;
    bool redirects;

    opk_form_make(&form, parts, model->options);
    opk_slots_apply(model->slots, &form, &redirects);
    write_words(parts, out);
    write_options(&form, out);
    write_operands(&form, out);
    if (redirects)
        write_redirects(parts, out);
    if (parts->rest)
        opk_buf_append_cstr(out, " " ELLIPSIS);
    if (description)
        opk_modes_describe(&form, description);
}

static void write_tool(struct opk_items items, struct opk_str name, struct opk_buf *signature,
                       struct opk_buf *shape)
{
    struct opk_item item;

    opk_buf_append_cstr(signature, "tool:");
    opk_buf_append(signature, name);
    opk_buf_append_cstr(shape, "tool:");
    opk_buf_append(shape, name);
    while (opk_items_next(&items, &item)) {
        if (item.kind == OPK_ITEM_KEY) {
            opk_buf_append_byte(shape, ' ');
            opk_buf_append(shape, item.text);
            opk_buf_append_byte(shape, '=');
        } else {
            write_class(shape, item.text);
        }
    }
}

enum opk_kind_type opk_canon_write(const struct opk_model *model, struct opk_str raw,
                                   struct opk_buf *signature, struct opk_buf *shape,
                                   struct opk_buf *description)
{
    struct opk_items items = OPK_ITEMS(raw);
    struct opk_buf path = OPK_BUF_EMPTY;
    struct opk_items tool = items;
    struct opk_parts parts; /* large: only what is read is set */
    struct opk_item item;
    size_t number = 0;

    if (opk_items_next(&tool, &item) && item.kind == OPK_ITEM_TOOL) {
        write_tool(tool, item.text, signature, shape);
        return OPK_KIND_TOOL;
    }
    parts.path = &path;
    while (opk_parts_next(&parts, model->words, model->options, &items)) {
        if (number++ > 0) {
            opk_buf_append_cstr(signature, " | ");
            opk_buf_append_cstr(shape, " | ");
        }
        write_words(&parts, signature);
        write_shape(model, &parts, shape, description);
    }
    signature->failed = signature->failed || path.failed;
    opk_buf_done(&path);
    return number > 1 ? OPK_KIND_PIPELINE : OPK_KIND_COMMAND;
}
