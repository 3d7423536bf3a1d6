#include "base/opt.h"

#include "base/out.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define NEAREST_MAX_LEN 64

/* Levenshtein distance with two rows; names longer than NEAREST_MAX_LEN are far from everything. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[NEAREST_MAX_LEN + 1];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);

    if (a_len > NEAREST_MAX_LEN || b_len > NEAREST_MAX_LEN)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            size_t shift = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = change < shift ? change : shift;
        }
    }
    return row[b_len];
}

const char *opk_opt_nearest(const char *misspelt, const char *const *names, size_t count)
{
    const char *best = NULL;
    size_t limit = strlen(misspelt) / 3 + 1;
    size_t best_distance = limit + 1;

    for (size_t i = 0; i < count; i++) {
        size_t distance = edit_distance(misspelt, names[i]);
        if (distance < best_distance) {
            best_distance = distance;
            best = names[i];
        }
    }
    return best;
}

struct parser {
    struct opk_cli *cli;
    const struct opk_verb *verb;
    int argc;
    char **argv;
    int at;
    char *values;
    struct opk_err *err;
};

static enum opk_status no_such_option(const struct parser *parser, const char *name)
{
    const char *names[NEAREST_MAX_LEN + 1];
    size_t count = 0;

    for (const struct opk_opt *opt = parser->verb->opts; opt && opt->name; opt++) {
        if (count < NEAREST_MAX_LEN)
            names[count++] = opt->name;
    }
    names[count++] = "help";
    const char *near = opk_opt_nearest(name, names, count);
    if (near)
        return opk_fail(parser->err, OPK_E_USAGE, OPK_NOWHERE,
                        "unknown option '--%s'; did you mean '--%s'?", name, near);
    return opk_fail(parser->err, OPK_E_USAGE, OPK_NOWHERE, "unknown option '--%s'", name);
}

/* Is text one of the words of "a|b|c"? */
static bool is_choice(const char *choices, struct opk_str text)
{
    struct opk_split split = OPK_SPLIT(opk_str_of(choices), '|');
    struct opk_str choice;

    while (opk_split_next(&split, &choice)) {
        if (opk_str_eq(choice, text))
            return true;
    }
    return false;
}

static enum opk_status store(const struct parser *parser, const struct opk_opt *opt,
                             const char *value)
{
    void *field = parser->values + opt->offset;

    switch (opt->type) {
    case OPK_OPT_FLAG:
        *(bool *)field = true;
        return OPK_OK;
    case OPK_OPT_CHOICE:
        if (!is_choice(opt->value, opk_str_of(value)))
            return opk_fail(parser->err, OPK_E_USAGE, OPK_NOWHERE, "--%s is one of %s, not '%s'",
                            opt->name, opt->value, value);
        *(const char **)field = value;
        return OPK_OK;
    case OPK_OPT_TEXT:
        *(const char **)field = value;
        return OPK_OK;
    case OPK_OPT_NUMBER: {
        struct opk_opt_number *number = field;
        number->given = opk_str_to_u64(opk_str_of(value), &number->value);
        if (!number->given)
            return opk_fail(parser->err, OPK_E_USAGE, OPK_NOWHERE,
                            "--%s takes a whole number, not '%s'", opt->name, value);
        return OPK_OK;
    }
    case OPK_OPT_LIST: {
        struct opk_opt_list *list = field;
        if (!list->items)
            list->items =
                opk_arena_array(parser->cli->arena, (size_t)parser->argc, sizeof(*list->items));
        if (!list->items)
            return opk_arena_check(parser->cli->arena, parser->err);
        list->items[list->count++] = value;
        return OPK_OK;
    }
    }
    return OPK_E_INTERNAL;
}

/* The value of an option: what is glued to it, or the next argument. */
static enum opk_status take_value(struct parser *parser, const struct opk_opt *opt,
                                  const char *glued)
{
    if (!glued) {
        if (parser->at + 1 >= parser->argc)
            return opk_fail(parser->err, OPK_E_USAGE, OPK_NOWHERE, "--%s needs a value: %s",
                            opt->name, opt->value);
        glued = parser->argv[++parser->at];
    }
    return store(parser, opt, glued);
}

static const struct opk_opt *find_long(const struct opk_verb *verb, struct opk_str name)
{
    for (const struct opk_opt *opt = verb->opts; opt && opt->name; opt++) {
        if (opk_str_eq(opk_str_of(opt->name), name))
            return opt;
    }
    return NULL;
}

/* --json is --format json, or jsonl where that is what the verb prints. */
static enum opk_status parse_json_alias(const struct parser *parser)
{
    const struct opk_opt *format = find_long(parser->verb, OPK_STR("format"));

    if (format && is_choice(format->value, OPK_STR("json")))
        return store(parser, format, "json");
    if (format && is_choice(format->value, OPK_STR("jsonl")))
        return store(parser, format, "jsonl");
    return no_such_option(parser, "json");
}

static enum opk_status parse_long(struct parser *parser, const char *word)
{
    struct opk_str text = opk_str_of(word);
    size_t equals = opk_str_find_byte(text, '=', 0);
    struct opk_str name = opk_str_slice(text, 0, equals);
    const struct opk_opt *opt = find_long(parser->verb, name);

    if (!opt && opk_str_eq(text, OPK_STR("json")))
        return parse_json_alias(parser);
    if (!opt) {
        struct opk_str copy = opk_arena_copy(parser->cli->arena, name);
        return no_such_option(parser, copy.data);
    }
    const char *glued = equals == OPK_NPOS ? NULL : word + equals + 1;
    if (opt->type != OPK_OPT_FLAG)
        return take_value(parser, opt, glued);
    if (glued)
        return opk_fail(parser->err, OPK_E_USAGE, OPK_NOWHERE, "--%s takes no value", opt->name);
    return store(parser, opt, NULL);
}

static enum opk_status parse_letters(struct parser *parser, const char *letters)
{
    for (; *letters; letters++) {
        const struct opk_opt *opt = parser->verb->opts;
        while (opt && opt->name && opt->letter != *letters)
            opt++;
        if (!opt || !opt->name)
            return opk_fail(parser->err, OPK_E_USAGE, OPK_NOWHERE, "unknown option '-%c'",
                            *letters);
        if (opt->type != OPK_OPT_FLAG)
            return take_value(parser, opt, letters[1] ? letters + 1 : NULL);
        enum opk_status status = store(parser, opt, NULL);
        if (status != OPK_OK)
            return status;
    }
    return OPK_OK;
}

static enum opk_status check_operand_count(const struct parser *parser)
{
    const struct opk_verb *verb = parser->verb;
    size_t count = parser->cli->operand_count;

    if (count < verb->min_operands)
        return opk_fail(parser->err, OPK_E_USAGE, OPK_NOWHERE, "missing operand: %s %s", verb->name,
                        verb->operands);
    if (count > verb->max_operands)
        return opk_fail(parser->err, OPK_E_USAGE, OPK_NOWHERE, "unexpected operand '%s'",
                        parser->cli->operands[verb->max_operands]);
    return OPK_OK;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return true;
    }
    return false;
}

static void set_defaults(const struct parser *parser)
{
    memset(parser->values, 0, parser->verb->values_size);
    for (const struct opk_opt *opt = parser->verb->opts; opt && opt->name; opt++) {
        if (opt->type != OPK_OPT_CHOICE)
            continue;
        struct opk_split split = OPK_SPLIT(opk_str_of(opt->value), '|');
        struct opk_str first = OPK_STR_EMPTY;
        (void)opk_split_next(&split, &first);
        first = opk_arena_copy(parser->cli->arena, first);
        *(const char **)(void *)(parser->values + opt->offset) = first.data;
    }
}

enum opk_status opk_opt_parse(struct opk_cli *cli, int argc, char **argv, void *values,
                              struct opk_err *err)
{
    struct parser parser = {cli, cli->verb, argc, argv, 0, values, err};
    bool operands_only = false;

    if (wants_help(argc, argv))
        return OPK_END;
    set_defaults(&parser);
    cli->operands = opk_arena_array(cli->arena, (size_t)argc + 1, sizeof(*cli->operands));
    cli->operand_count = 0;
    if (!cli->operands)
        return opk_arena_check(cli->arena, err);
    for (; parser.at < argc; parser.at++) {
        const char *word = argv[parser.at];
        enum opk_status status = OPK_OK;
        if (operands_only || word[0] != '-' || !word[1])
            cli->operands[cli->operand_count++] = word;
        else if (strcmp(word, "--") == 0)
            operands_only = true;
        else if (word[1] == '-')
            status = parse_long(&parser, word + 2);
        else
            status = parse_letters(&parser, word + 1);
        if (status != OPK_OK)
            return status;
    }
    return check_operand_count(&parser);
}

#define HELP_COLUMN 30

static void help_option(const struct opk_opt *opt, struct opk_buf *out)
{
    size_t begin = out->len;

    if (opt->letter)
        opk_buf_printf(out, "  -%c, --%s", opt->letter, opt->name);
    else
        opk_buf_printf(out, "      --%s", opt->name);
    if (opt->type != OPK_OPT_FLAG)
        opk_buf_printf(out, " %s", opt->value);
    size_t width = out->len - begin;
    if (width + 2 > HELP_COLUMN) {
        opk_buf_append_byte(out, '\n');
        width = 0;
    }
    opk_buf_append_fill(out, ' ', HELP_COLUMN - width);
    opk_buf_printf(out, "%s\n", opt->help);
}

void opk_opt_help(const struct opk_verb *verb, struct opk_buf *out)
{
    static const struct opk_opt HELP = {"help", 0, OPK_OPT_FLAG, NULL, "print this and exit", 0};
    bool help_done = false;

    opk_buf_printf(out, "usage: opk %s [options]%s%s\n\n%s\n\noptions:\n", verb->name,
                   verb->operands[0] ? " " : "", verb->operands, verb->summary);
    for (const struct opk_opt *opt = verb->opts; opt && opt->name; opt++) {
        if (!help_done && strcmp(opt->name, HELP.name) > 0) {
            help_option(&HELP, out);
            help_done = true;
        }
        help_option(opt, out);
    }
    if (!help_done)
        help_option(&HELP, out);
    if (verb->details)
        opk_buf_printf(out, "\n%s", verb->details);
    if (out->len > 0 && out->data[out->len - 1] != '\n')
        opk_buf_append_byte(out, '\n');
}

void opk_cli_note(const struct opk_cli *cli, const struct opk_err *err)
{
    struct opk_buf line = OPK_BUF_EMPTY;

    opk_buf_append_cstr(&line, "opk: ");
    if (err->path[0]) {
        opk_out_terminal(&line, opk_str_of(err->path), false);
        if (err->line)
            opk_buf_printf(&line, ":%llu", (unsigned long long)err->line);
        if (err->line && err->column)
            opk_buf_printf(&line, ":%llu", (unsigned long long)err->column);
        opk_buf_append_cstr(&line, ": ");
    }
    opk_out_terminal(&line, opk_str_of(err->message), false);
    if (err->byte && !err->line)
        opk_buf_printf(&line, " (byte %llu)", (unsigned long long)err->byte);
    opk_buf_append_byte(&line, '\n');
    if (opk_buf_cstr(&line))
        (void)fputs(opk_buf_cstr(&line), cli->err);
    else
        (void)fputs("opk: no memory for a message\n", cli->err);
    opk_buf_done(&line);
}

int opk_cli_fail(const struct opk_cli *cli, const struct opk_err *err)
{
    if (err->status != OPK_E_PIPE)
        opk_cli_note(cli, err);
    return opk_exit_code(err->status);
}

/* errno is that of the write that failed. */
static enum opk_status write_failed(struct opk_err *err)
{
    return errno == EPIPE
               ? opk_fail(err, OPK_E_PIPE, OPK_NOWHERE, "nobody reads standard output")
               : opk_fail(err, OPK_E_IO, OPK_NOWHERE, "writing to standard output failed");
}

enum opk_status opk_cli_flush(const struct opk_cli *cli, struct opk_err *err)
{
    return fflush(cli->out) == 0 ? OPK_OK : write_failed(err);
}

enum opk_status opk_cli_write(const struct opk_cli *cli, const struct opk_buf *text,
                              struct opk_err *err)
{
    struct opk_str bytes = opk_buf_str(text);
    enum opk_status status = opk_buf_check(text, err);

    if (status != OPK_OK)
        return status;
    if (fwrite(bytes.data, 1, bytes.len, cli->out) != bytes.len)
        return write_failed(err);
    return OPK_OK;
}
