#include "base/opt.h"

/* Text in roff: no escape, no request at the start of a line, and hyphens that can be copied. */
static void roff(struct opk_buf *out, struct opk_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.data[i];
        bool starts_line = out->len == 0 || out->data[out->len - 1] == '\n';
        if (starts_line && (byte == '.' || byte == '\''))
            opk_buf_append_cstr(out, "\\&");
        if (byte == '\\')
            opk_buf_append_cstr(out, "\\e");
        else if (byte == '-')
            opk_buf_append_cstr(out, "\\-");
        else
            opk_buf_append_byte(out, byte);
    }
}

static void roff_option(const struct opk_opt *opt, struct opk_buf *out)
{
    opk_buf_append_cstr(out, ".TP\n");
    if (opt->letter)
        opk_buf_printf(out, "\\fB\\-%c\\fR, ", opt->letter);
    opk_buf_append_cstr(out, "\\fB\\-\\-");
    roff(out, opk_str_of(opt->name));
    opk_buf_append_cstr(out, "\\fR");
    if (opt->type != OPK_OPT_FLAG) {
        opk_buf_append_cstr(out, " \\fI");
        roff(out, opk_str_of(opt->value));
        opk_buf_append_cstr(out, "\\fR");
    }
    opk_buf_append_byte(out, '\n');
    roff(out, opk_str_of(opt->help));
    opk_buf_append_byte(out, '\n');
}

void opk_opt_man(const struct opk_verb *verb, struct opk_buf *out)
{
    opk_buf_printf(out, ".SS opk %s [options]%s", verb->name, verb->operands[0] ? " " : "");
    roff(out, opk_str_of(verb->operands));
    opk_buf_append_byte(out, '\n');
    roff(out, opk_str_of(verb->summary));
    opk_buf_append_byte(out, '\n');
    if (verb->details) {
        opk_buf_append_cstr(out, ".PP\n.nf\n");
        roff(out, opk_str_of(verb->details));
        opk_buf_append_cstr(out, ".fi\n");
    }
    for (const struct opk_opt *opt = verb->opts; opt && opt->name; opt++)
        roff_option(opt, out);
}
