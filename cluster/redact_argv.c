/*
 * Layer (a): what the options and operands of known programs carry.
 *
 * A command line is read into simple commands; any of their words may be the program's (so that no
 * list of wrappers is needed). Scripts in quotes, substitutions and here-documents are read in the
 * same way, through a view that knows where each of its bytes stands in the text.
 */
#include "cluster/lex.h"
#include "cluster/redact_index.h"

#include <stdlib.h>
#include <string.h>

/* A part of the text, read as a command line. Without a map, byte i stands at base + i. */
struct view {
    struct opk_str text;
    const size_t *map; /* text.len + 1 places, in the arena; or NULL */
    size_t base;
    unsigned depth;
    bool is_guess; /* a quoted text that may be no script at all */
};

struct word {
    struct opk_str raw;
    struct opk_str value; /* without quotes */
    size_t begin;         /* in the view */
    unsigned flags;
};

#define WORDS_MAX 512 /* of one simple command; with more it counts as not read */

struct simple {
    struct word words[WORDS_MAX];
    size_t count;
    struct word input; /* of a here-string; no raw text when there is none */
};

struct reader {
    struct opk_redact_run *run;
    struct view view;
    struct simple *now;    /* the command being read */
    struct simple *before; /* the first command of the same pipeline; empty when there is none */
};

static void read_view(struct opk_redact_run *run, struct view view);

/* ---- marking ---- */

static size_t place(const struct view *view, size_t at)
{
    return view->map ? view->map[at] : view->base + at;
}

static void mark_range(const struct reader *reader, size_t begin, size_t end, const char *label)
{
    if (begin < end)
        opk_redact_add(reader->run, place(&reader->view, begin), place(&reader->view, end - 1) + 1,
                       label);
}

/* '$x' in single quotes is no reference. */
static bool is_literal(const struct word *word)
{
    return word->flags & OPK_WORD_WHOLE_QUOTE && word->raw.len > 3 && word->raw.data[0] == '\'' &&
           word->raw.data[1] == '$';
}

/* A word's bytes from the place where "skipped" bytes of its value end; the quotes stay where they
 * stand around the whole. */
static void mark_word(const struct reader *reader, const struct word *word, size_t skipped,
                      const char *label)
{
    struct opk_str raw = word->raw;
    size_t begin = word->begin;
    size_t end = word->begin + raw.len;
    size_t found = 0;
    size_t at = 0;

    if (opk_redact_keeps(opk_str_skip(word->value, skipped)) && !is_literal(word))
        return;
    /* The value's bytes occur in the raw text in order, with quotes and backslashes between. */
    while (found < skipped && at < raw.len) {
        if (raw.data[at] == word->value.data[found])
            found++;
        at++;
    }
    begin += at;
    if (word->flags & OPK_WORD_WHOLE_QUOTE) {
        begin += at == 0 ? (raw.data[0] == '$' ? 2U : 1U) : 0;
        end--;
    } else if (end - begin >= 2 && strchr("\"'", raw.data[at]) &&
               raw.data[raw.len - 1] == raw.data[at] &&
               opk_str_find_byte(raw, raw.data[at], at + 1) == raw.len - 1) {
        begin++;
        end--;
    }
    mark_range(reader, begin, end, label);
}

/* ---- parts of a value ---- */

static size_t behind(struct opk_str value, char sign)
{
    size_t at = opk_str_find_byte(value, sign, 0);

    return at == OPK_NPOS || at + 1 == value.len ? OPK_NPOS : at + 1;
}

/* user/SECRET@service and user:SECRET@host; a word of another form is left alone. */
static void mark_login(const struct reader *reader, const struct word *word, char sign,
                       const char *label)
{
    struct opk_str value = word->value;
    size_t begin = behind(value, sign);
    size_t end = opk_str_rfind_byte(value, '@');

    if (begin == OPK_NPOS || begin < 2)
        return;
    if (sign == ':' && end == OPK_NPOS)
        return;
    if (sign == '/' && opk_str_find_byte(value, '/', begin) != OPK_NPOS && end == OPK_NPOS)
        return;
    if (end == OPK_NPOS || end < begin)
        end = value.len;
    if (word->raw.len != value.len + (word->flags & OPK_WORD_WHOLE_QUOTE ? 2U : 0)) {
        mark_word(reader, word, begin, label);
        return;
    }
    if (!opk_redact_keeps(opk_str_slice(value, begin, end))) {
        size_t shift = word->begin + (word->raw.len - value.len) / 2;
        mark_range(reader, shift + begin, shift + end, label);
    }
}

/* Mark the secret part of a word whose first "skipped" bytes are an option's name. */
static void mark_part(const struct reader *reader, const struct word *word, size_t skipped,
                      const struct opk_redact_program *row)
{
    static const char SIGNS[] = {[OPK_PART_COLON] = ':',
                                 [OPK_PART_PERCENT] = '%',
                                 [OPK_PART_COMMA] = ',',
                                 [OPK_PART_EQUALS] = '='};
    struct opk_str value = opk_str_skip(word->value, skipped);
    size_t at;

    switch (row->part) {
    case OPK_PART_WHOLE:
        if (!opk_redact_is_path(value))
            mark_word(reader, word, skipped, row->label);
        return;
    case OPK_PART_COLON:
    case OPK_PART_PERCENT:
    case OPK_PART_COMMA:
    case OPK_PART_EQUALS:
        at = behind(value, SIGNS[row->part]);
        if (at != OPK_NPOS && !opk_redact_is_path(opk_str_skip(value, at)))
            mark_word(reader, word, skipped + at, row->label);
        return;
    case OPK_PART_PASS:
        if (opk_str_starts(value, OPK_STR("pass:")))
            mark_word(reader, word, skipped + 5, row->label);
        return;
    case OPK_PART_ORACLE:
        if (opk_str_find(value, OPK_STR("="), 0) == OPK_NPOS)
            mark_login(reader, word, '/', row->label);
        return;
    case OPK_PART_HOST:
        mark_login(reader, word, ':', row->label);
        return;
    case OPK_PART_PAIR:
        at = behind(value, ':');
        if (at != OPK_NPOS && value.data[0] != ':' && opk_redact_has_digit(value) &&
            opk_str_find_byte(value, '/', 0) == OPK_NPOS)
            mark_word(reader, word, skipped, row->label);
        return;
    }
}

/* ---- programs ---- */

/* Is name one of the names in list, separated by |? A name that ends in * is a prefix. */
static bool is_listed(const char *list, struct opk_str name)
{
    struct opk_split names = OPK_SPLIT(opk_str_of(list), '|');
    struct opk_str one;

    while (opk_split_next(&names, &one)) {
        if (opk_str_ends(one, OPK_STR("*")) &&
            opk_str_starts(name, opk_str_slice(one, 0, one.len - 1)))
            return true;
        if (opk_str_eq(one, name))
            return true;
    }
    return false;
}

static struct opk_str program_name(struct opk_str value)
{
    size_t slash = opk_str_rfind_byte(value, '/');

    if (slash == OPK_NPOS)
        slash = opk_str_rfind_byte(value, '\\');
    if (slash != OPK_NPOS)
        value = opk_str_skip(value, slash + 1);
    if (opk_str_ends(value, OPK_STR(".exe")))
        value.len -= 4;
    return value;
}

static bool is_option(struct opk_str value)
{
    return value.len > 1 && value.data[0] == '-';
}

static const struct word *find_value(const struct simple *simple, size_t from, const char *value)
{
    for (size_t i = from; i < simple->count; i++) {
        if (opk_str_eq_nocase(simple->words[i].value, opk_str_of(value)))
            return &simple->words[i];
    }
    return NULL;
}

/* Is this word one of the options, with its value behind it in the same word? Tells where. */
static bool joined_at(const char *options, struct opk_str value, size_t *out_at)
{
    struct opk_split names = OPK_SPLIT(opk_str_of(options), '|');
    struct opk_str one;

    while (opk_split_next(&names, &one)) {
        bool is_long = opk_str_starts(one, OPK_STR("--")) || (one.len > 3 && one.data[0] == '-');
        if (!opk_str_starts(value, one) || value.len == one.len)
            continue;
        if (is_long && value.data[one.len] != '=')
            continue;
        *out_at = one.len + (is_long ? 1U : 0);
        return true;
    }
    return false;
}

static void match_option(const struct reader *reader, size_t program,
                         const struct opk_redact_program *row)
{
    const struct simple *simple = reader->now;

    for (size_t i = program + 1; i < simple->count; i++) {
        const struct word *word = &simple->words[i];
        size_t at;
        if (joined_at(row->spot, word->value, &at))
            mark_part(reader, word, at, row);
        else if (row->place == OPK_PLACE_OPTION && is_listed(row->spot, word->value) &&
                 i + 1 < simple->count && !is_option(simple->words[i + 1].value))
            mark_part(reader, &simple->words[++i], 0, row);
    }
}

/* net use Z: \\\\host\\share SECRET /user:joe */
static bool is_windows_word(struct opk_str value)
{
    return value.len > 0 &&
           (value.data[0] == '/' || value.data[0] == '\\' || value.data[value.len - 1] == ':');
}

static void match_operand(const struct reader *reader, size_t program,
                          const struct opk_redact_program *row)
{
    const struct simple *simple = reader->now;
    size_t number = 0;
    uint64_t wanted = 0;
    bool is_windows = opk_str_eq(opk_str_of(row->programs), OPK_STR("net"));

    (void)opk_str_to_u64(opk_str_of(row->spot), &wanted);
    for (size_t i = program + 1; i < simple->count; i++) {
        const struct word *word = &simple->words[i];
        if (is_option(word->value) || (is_windows && is_windows_word(word->value)))
            continue;
        if (row->place == OPK_PLACE_ANY || ++number == wanted)
            mark_part(reader, word, 0, row);
    }
}

/* "-b" is given when it stands alone or in a bundle: -nb, -bB. */
static bool is_given(const struct simple *simple, size_t from, const char *option)
{
    bool is_letter = option[0] == '-' && option[1] != '\0' && option[2] == '\0';

    if (option[0] == '\0')
        return true;
    for (size_t i = from; i < simple->count; i++) {
        struct opk_str value = simple->words[i].value;
        if (opk_str_eq(value, opk_str_of(option)))
            return true;
        if (is_letter && value.len > 2 && value.len < 6 && value.data[0] == '-' &&
            value.data[1] != '-' && opk_str_find_byte(value, option[1], 1) != OPK_NPOS)
            return true;
    }
    return false;
}

static void match_last(const struct reader *reader, size_t program,
                       const struct opk_redact_program *row)
{
    const struct simple *simple = reader->now;

    if (!is_given(simple, program + 1, row->spot) || simple->count < program + 3)
        return;
    const struct word *last = &simple->words[simple->count - 1];
    if (!is_option(last->value))
        mark_part(reader, last, 0, row);
}

/* The secret that is here-stringed in, or that an echo at the pipeline's head prints. */
static void match_input(const struct reader *reader, size_t program,
                        const struct opk_redact_program *row)
{
    const struct simple *head = reader->before;

    if (!is_given(reader->now, program + 1, row->spot))
        return;
    if (reader->now->input.raw.len > 0)
        mark_part(reader, &reader->now->input, 0, row);
    if (head->count == 0)
        return;
    struct opk_str name = program_name(head->words[0].value);
    if (!is_listed("echo|printf|print|yes", name))
        return;
    for (size_t i = 1; i < head->count; i++) {
        struct opk_str value = head->words[i].value;
        bool is_format = i == 1 && head->count > 2 && value.len > 0 && value.data[0] == '%';
        if (!is_option(value) && !is_format)
            mark_part(reader, &head->words[i], 0, row);
    }
}

static void match_program(const struct reader *reader, size_t program,
                          const struct opk_redact_program *row)
{
    const struct word *word;
    size_t from = program;

    if (row->subcommand) {
        word = find_value(reader->now, program + 1, row->subcommand);
        if (!word)
            return;
        if (row->place == OPK_PLACE_OPERAND || row->place == OPK_PLACE_ANY)
            from = (size_t)(word - reader->now->words);
    }
    switch (row->place) {
    case OPK_PLACE_OPTION:
    case OPK_PLACE_JOINED:
        match_option(reader, from, row);
        return;
    case OPK_PLACE_AFTER:
        word = find_value(reader->now, from + 1, row->spot);
        if (word && word + 1 < reader->now->words + reader->now->count)
            mark_part(reader, word + 1, 0, row);
        return;
    case OPK_PLACE_OPERAND:
    case OPK_PLACE_ANY:
        match_operand(reader, from, row);
        return;
    case OPK_PLACE_LAST:
        match_last(reader, from, row);
        return;
    case OPK_PLACE_INPUT:
        match_input(reader, from, row);
        return;
    }
}

/* ---- names among words ---- */

/* The row of "--name" when its value is the next word. */
static const struct opk_redact_name *option_name(const struct reader *reader, struct opk_str option)
{
    while (option.len > 0 && option.data[0] == '-')
        option = opk_str_skip(option, 1);
    if (option.len <= 2 || opk_str_find_byte(option, '=', 0) != OPK_NPOS ||
        opk_redact_is_switch(option))
        return NULL;
    return opk_redact_name_find(reader->run->index, option);
}

/* A plain --secret often takes the name of a secret, or id=NAME. */
static bool is_value_of(const struct opk_redact_name *row, struct opk_str option,
                        struct opk_str value)
{
    bool is_plain = opk_str_eq(opk_str_of(row->suffix), OPK_STR("secret"));

    if (is_option(value) || opk_str_starts(value, OPK_STR("pass:")))
        return false;
    return !is_plain || opk_str_find(option, OPK_STR("client"), 0) != OPK_NPOS ||
           (opk_redact_has_digit(value) && opk_str_find_byte(value, '=', 0) == OPK_NPOS);
}

static void mark_named(const struct reader *reader, const struct word *word, size_t skipped,
                       const struct opk_redact_name *name)
{
    struct opk_str value = opk_str_skip(word->value, skipped);

    if (opk_redact_is_path(value) || (name->opaque && !opk_redact_is_opaque(value)))
        return;
    mark_word(reader, word, skipped, name->label);
}

/* NAME=VALUE, --name=value, -Dname=value, /name:value as one word. */
static bool match_assignment(const struct reader *reader, const struct word *word)
{
    struct opk_str value = word->value;
    bool slashed = value.len > 1 && value.data[0] == '/';
    size_t sign = opk_str_find_byte(value, slashed ? ':' : '=', 0);
    size_t begin = 0;

    if (sign == OPK_NPOS)
        return false;
    while (begin < sign && !opk_is_alnum(value.data[begin]))
        begin++;
    for (size_t i = begin; i < sign; i++) {
        if (!opk_is_alnum(value.data[i]) && !strchr("_.-:+[]", value.data[i]))
            return false;
    }
    const struct opk_redact_name *name =
        opk_redact_name_find(reader->run->index, opk_str_slice(value, begin, sign));
    if (!name || sign + 1 >= value.len)
        return false;
    if (!is_option(value) || is_value_of(name, value, opk_str_skip(value, sign + 1)))
        mark_named(reader, word, sign + 1, name);
    return true;
}

/* "config set NAME VALUE": a bare name that says secret behind a word that sets. */
static bool is_setter(struct opk_str value)
{
    static const char *const WORDS[] = {"set", "config", "setx", "setenv"};
    struct opk_str name = program_name(value);

    for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++) {
        if (opk_str_eq_nocase(name, opk_str_of(WORDS[i])))
            return true;
    }
    return false;
}

static struct opk_str bare_name(const struct reader *reader, struct opk_str value)
{
    size_t dot = opk_str_find_byte(value, '.', 0);

    /* "pypi-token.pypi": what the token is for stands behind the dot. */
    if (dot != OPK_NPOS && opk_redact_name_find(reader->run->index, opk_str_slice(value, 0, dot)))
        return opk_str_slice(value, 0, dot);
    return value;
}

static void match_names(const struct reader *reader)
{
    const struct simple *simple = reader->now;
    bool sets = false;

    for (size_t i = 0; i < simple->count; i++) {
        const struct word *word = &simple->words[i];
        const struct word *next = i + 1 < simple->count ? word + 1 : NULL;
        if (match_assignment(reader, word) || !next)
            continue;
        if (is_option(word->value)) {
            const struct opk_redact_name *row = option_name(reader, word->value);
            if (row && is_value_of(row, word->value, next->value))
                mark_named(reader, next, 0, row);
        } else if (sets && !is_option(next->value)) {
            const struct opk_redact_name *row =
                opk_redact_name_find(reader->run->index, bare_name(reader, word->value));
            if (row)
                mark_named(reader, next, 0, row);
        }
        sets |= is_setter(word->value);
    }
}

/* ---- nested scripts ---- */

/* Is a quoted word of this command surely a script? */
static bool takes_script(const struct reader *reader)
{
    for (size_t i = 0; i < reader->now->count; i++) {
        if (is_listed("sh|bash|dash|zsh|ksh|ash|ssh|su|eval",
                      program_name(reader->now->words[i].value)))
            return true;
    }
    return false;
}

/* The inside of a quoted word, with the place of every byte. */
static void read_quoted(const struct reader *reader, const struct word *word)
{
    struct opk_str raw = word->raw;
    bool escapes = raw.data[0] != '\'';
    size_t first = raw.data[0] == '$' ? 2 : 1;
    size_t len = 0;
    char *bytes = opk_arena_alloc(&reader->run->arena, raw.len + 1);
    size_t *map = opk_arena_array(&reader->run->arena, raw.len + 1, sizeof(*map));

    if (!bytes || !map || raw.len < first + 1)
        return;
    for (size_t at = first; at + 1 < raw.len; at++) {
        char next = raw.data[at + 1];
        if (escapes && raw.data[at] == '\\' && at + 2 < raw.len && strchr("\"\\$`'\n", next))
            at++;
        map[len] = place(&reader->view, word->begin + at);
        bytes[len++] = raw.data[at];
    }
    map[len] = place(&reader->view, word->begin + raw.len - 1);
    read_view(reader->run,
              (struct view){.text = opk_str_bytes(bytes, len),
                            .map = map,
                            .depth = reader->view.depth + 1,
                            .is_guess = reader->view.is_guess || !takes_script(reader)});
}

static void read_part(const struct reader *reader, size_t begin, size_t end)
{
    const struct view *view = &reader->view;

    read_view(reader->run, (struct view){.text = opk_str_slice(view->text, begin, end),
                                         .map = view->map ? view->map + begin : NULL,
                                         .base = view->base + begin,
                                         .depth = view->depth + 1,
                                         .is_guess = view->is_guess});
}

/* $(...), `...`, <(...): what is inside is a command line, wherever it stands. Only the outermost
 * are looked for here; the view inside finds its own. */
static void read_substitutions(const struct reader *reader, const struct word *word)
{
    struct opk_str raw = word->raw;
    size_t at = 0;

    while (at + 1 < raw.len) {
        bool opens = strchr("$<>", raw.data[at]) && raw.data[at + 1] == '(';
        if (!opens && raw.data[at] != '`') {
            at++;
            continue;
        }
        size_t begin = at + (opens ? 2 : 1);
        size_t depth = 1;
        for (at = begin; at < raw.len; at++) {
            char c = raw.data[at];
            if (!opens && c == '`')
                break;
            if (opens && c == '(')
                depth++;
            if (opens && c == ')' && --depth == 0)
                break;
        }
        read_part(reader, word->begin + begin, word->begin + at);
        at++;
    }
}

static void read_nested(const struct reader *reader, const struct word *word)
{
    if (word->flags & OPK_WORD_SUBSTITUTION)
        read_substitutions(reader, word);
    if (!(word->flags & OPK_WORD_QUOTED) || opk_str_find_byte(word->value, ' ', 0) == OPK_NPOS)
        return;
    /* A quoted word with a blank in it may be a script: sh -c '...', ssh host "...", or what stands
     * behind the sign in alias x='...'. */
    size_t sign = opk_str_find_byte(word->raw, '=', 0);
    struct word script = *word;
    if (!(word->flags & OPK_WORD_WHOLE_QUOTE) && sign != OPK_NPOS) {
        script.raw = opk_str_skip(word->raw, sign + 1);
        script.begin = word->begin + sign + 1;
    }
    struct opk_str raw = script.raw;
    if (raw.len > 2 && strchr("\"'$", raw.data[0]) && strchr("\"'", raw.data[raw.len - 1]))
        read_quoted(reader, &script);
}

/* ---- reading ---- */

static void finish_simple(const struct reader *reader)
{
    const struct simple *simple = reader->now;

    for (size_t i = 0; i < simple->count; i++) {
        struct opk_str name = program_name(simple->words[i].value);
        struct opk_redact_rows rows = opk_redact_index_programs(reader->run->index, name);
        for (size_t row = 0; (row = opk_redact_rows_next(&rows, row)) < OPK_REDACT_ROWS_MAX;
             row++) {
            if (is_listed(OPK_REDACT_PROGRAMS[row].programs, name))
                match_program(reader, i, &OPK_REDACT_PROGRAMS[row]);
        }
        read_nested(reader, &simple->words[i]);
    }
    if (simple->input.raw.len > 0)
        read_nested(reader, &simple->input);
    match_names(reader);
}

static void simple_clear(struct simple *simple)
{
    simple->count = 0;
    simple->input = (struct word){.raw = OPK_STR_EMPTY, .value = OPK_STR_EMPTY};
}

/* A control operator ends a simple command; a pipe lets its words feed those that follow. */
static void end_simple(struct reader *reader, bool is_pipe)
{
    finish_simple(reader);
    if (!is_pipe)
        reader->before->count = 0;
    else if (reader->before->count == 0 && reader->now->count > 0) {
        struct simple *first = reader->now;
        reader->now = reader->before;
        reader->before = first;
    }
    simple_clear(reader->now);
}

static void note_opaque(const struct reader *reader)
{
    reader->run->doubtful = true;
    if (!reader->view.is_guess)
        reader->run->opaque = true;
}

static void take_word(struct reader *reader, const struct opk_token *token, enum opk_op redirect)
{
    struct opk_str raw = opk_str_slice(reader->view.text, token->begin, token->end);
    struct word word = {
        .raw = raw,
        .value = opk_word_unquote(raw, token->flags, OPK_DIALECT_BASH, &reader->run->arena),
        .begin = token->begin,
        .flags = token->flags};

    if (token->flags & OPK_WORD_OPAQUE)
        note_opaque(reader);
    if (redirect == OPK_OP_HERESTR)
        reader->now->input = word;
    else if (redirect != OPK_OP_NONE)
        read_nested(reader, &word);
    else if (reader->now->count < WORDS_MAX)
        reader->now->words[reader->now->count++] = word;
    else
        note_opaque(reader);
}

static void take_token(struct reader *reader, const struct opk_token *token, enum opk_op *redirect)
{
    enum opk_op expected = *redirect;

    *redirect = OPK_OP_NONE;
    switch (token->kind) {
    case OPK_TOKEN_WORD:
        take_word(reader, token, expected);
        return;
    case OPK_TOKEN_REDIRECT:
        *redirect = token->op;
        return;
    case OPK_TOKEN_OP:
    case OPK_TOKEN_RESERVED:
        end_simple(reader, token->op == OPK_OP_PIPE);
        return;
    case OPK_TOKEN_HEREDOC:
        read_part(reader, token->begin, token->end);
        return;
    case OPK_TOKEN_COMMENT:
        return;
    }
}

static void read_view(struct opk_redact_run *run, struct view view)
{
    struct simple *pair;
    struct opk_token token;
    struct opk_lex lex;
    enum opk_op redirect = OPK_OP_NONE;

    if (view.depth > 0 && !opk_redact_spend(run, view.text.len))
        return;
    if (view.depth > OPK_REDACT_DEPTH_MAX) {
        run->opaque = true;
        run->doubtful = true;
        return;
    }
    pair = malloc(2 * sizeof(*pair));
    if (!pair) {
        run->failed = true;
        return;
    }
    struct reader reader = {.run = run, .view = view, .now = &pair[0], .before = &pair[1]};
    simple_clear(reader.now);
    simple_clear(reader.before);
    opk_lex_init(&lex, view.text, OPK_DIALECT_BASH);
    while (opk_lex_next(&lex, &token))
        take_token(&reader, &token, &redirect);
    end_simple(&reader, false);
    free(pair);
}

void opk_redact_argv(struct opk_redact_run *run)
{
    read_view(run, (struct view){.text = run->text});
}
