#include "cluster/form.h"

static void add_option(struct opk_form *form, struct opk_str name, struct opk_str value, bool sure)
{
    if (form->option_count < OPK_FORM_OPTIONS_MAX)
        form->options[form->option_count++] = (struct opk_form_option){name, value, sure};
}

/* The class of what stands at a place, when it can be the value of the option before; or empty. */
static struct opk_str value_at(const struct opk_parts *parts, size_t at)
{
    if (opk_parts_is_signed(parts, at))
        return parts->items[at].value;
    return at < parts->count && parts->items[at].kind == OPK_PART_OPERAND
               ? opk_part_class(&parts->items[at])
               : OPK_STR_EMPTY;
}

/* Returns whether what stands behind the option was taken as its value. */
static bool read_option(struct opk_form *form, const struct opk_options *options,
                        const struct opk_option_place *place, size_t at)
{
    const struct opk_part *part = &form->parts->items[at];
    struct opk_str name = part->text;
    struct opk_option_use use;

    if (part->kind == OPK_PART_ATTACHED) {
        add_option(form, opk_options_find(options, place, name).spelling, part->value, true);
        return false;
    }
    if (opk_options_is_bundle(options, place, name)) {
        for (size_t i = 1; i + 1 < name.len; i++)
            add_option(form, opk_option_letter(name.data[i]), OPK_STR_EMPTY, false);
        name = opk_option_letter(name.data[name.len - 1]);
    }
    use = opk_options_find(options, place, name);
    struct opk_str value = use.takes_value ? value_at(form->parts, at + 1) : OPK_STR_EMPTY;
    add_option(form, use.spelling, value, use.sure);
    return value.len > 0;
}

static int compare_options(const struct opk_form_option *a, const struct opk_form_option *b)
{
    int order = opk_str_cmp(a->name, b->name);

    return order != 0 ? order : opk_str_cmp(a->value, b->value);
}

/* Few options, so insertion is enough. Equal ones stand once. */
static void sort_options(struct opk_form *form)
{
    struct opk_form_option *options = form->options;
    size_t count = 0;

    for (size_t i = 0; i < form->option_count; i++) {
        struct opk_form_option option = options[i];
        size_t at = count;
        while (at > 0 && compare_options(&option, &options[at - 1]) < 0)
            at--;
        if (at > 0 && compare_options(&option, &options[at - 1]) == 0)
            continue;
        for (size_t k = count; k > at; k--)
            options[k] = options[k - 1];
        options[at] = option;
        count++;
    }
    form->option_count = count;
}

void opk_form_make(struct opk_form *form, const struct opk_parts *parts,
                   const struct opk_options *options)
{
    struct opk_option_place place = {parts->slot, parts->program_slot, parts->program,
                                     opk_buf_str(parts->path)};

    form->parts = parts;
    form->option_count = form->operand_count = 0;
    for (size_t i = 0; i < parts->count; i++) {
        if (parts->items[i].kind == OPK_PART_OPERAND)
            form->operands[form->operand_count++] = opk_part_class(&parts->items[i]);
        else
            i += read_option(form, options, &place, i);
    }
    form->lead = form->option_count > 0 ? form->options[0].name : OPK_STR_EMPTY;
    sort_options(form);
}
