#include "cluster/shape.h"

#include "base/json.h"
#include "cluster/classes.h"
#include "cluster/hints.h"
#include "cluster/word.h"
#include "cluster/word_bytes.h"
#include "cluster/wrapper.h"

#include <assert.h>
#include <string.h>

/* An option's name longer than this is a class. */
#define OPTION_MAX 40

/* No class is longer: a name, a dot and an extension. */
#define CLASS_TEXT_MAX 32

/* Keys of a tool's input past this many are not looked at. */
#define TOOL_KEYS_MAX 24

/* What is written stands in out once the writer is done; in between it lies behind its length. */
struct writer {
    struct opk_buf *out;
    char *at;
    size_t room;
    struct opk_class_finder *finder; /* NULL: no class is a user's */
    size_t items;
    size_t words;
    struct opk_str program;
    bool words_end; /* an operand has been seen: words behind it name nothing */
};

static struct writer writer_begin(struct opk_buf *out, struct opk_class_finder *finder)
{
    return (struct writer){
        .out = out,
        .at = out->data ? out->data + out->len : NULL,
        .room = out->cap - out->len,
        .finder = finder,
        .program = OPK_STR_EMPTY,
    };
}

static void writer_done(struct writer *w)
{
    if (w->at)
        w->out->len = (size_t)(w->at - w->out->data);
}

/* Room for an item, where what was reserved is used up; false when there is no memory. */
static bool make_room(struct writer *w, size_t size)
{
    writer_done(w);
    if (!opk_buf_reserve(w->out, size))
        return false;
    w->at = w->out->data + w->out->len;
    w->room = w->out->cap - w->out->len;
    return true;
}

/* As memcpy, which takes longer for the few bytes that an item has. */
static inline void copy_short(char *to, const char *from, size_t len)
{
    if (len > 16) {
        memcpy(to, from, len);
    } else if (len >= 8) { /* the two halves may share bytes */
        memcpy(to, from, 8);
        memcpy(to + len - 8, from + len - 8, 8);
    } else if (len >= 4) {
        memcpy(to, from, 4);
        memcpy(to + len - 4, from + len - 4, 4);
    } else if (len > 0) {
        to[0] = from[0];
        to[len / 2] = from[len / 2];
        to[len - 1] = from[len - 1];
    }
}

static void write_item(struct writer *w, enum opk_item_kind kind, struct opk_str text)
{
    w->items++;
    if (w->items > OPK_SHAPE_ITEMS_MAX)
        return;
    if (w->items == OPK_SHAPE_ITEMS_MAX) {
        kind = OPK_ITEM_REST;
        text = OPK_STR_EMPTY;
    }
    const size_t len = text.len < OPK_ITEM_MAX ? text.len : OPK_ITEM_MAX;
    const size_t size = len + 2;
    if (w->room < size && !make_room(w, size))
        return;
    assert(w->at);
    w->at[0] = (char)kind;
    w->at[1] = (char)(unsigned char)len;
    copy_short(w->at + 2, text.data, len);
    w->at += size;
    w->room -= size;
}

static void write_class(struct writer *w, struct opk_str value, unsigned flags, unsigned bytes)
{
    const char *own = w->finder ? opk_class_find(w->finder, value, flags) : NULL;

    if (own) {
        write_item(w, OPK_ITEM_CLASS, opk_str_of(own));
        return;
    }
    struct opk_word_class word_class = opk_word_classify(value, flags, bytes);
    char text[CLASS_TEXT_MAX];
    size_t len = word_class.name.len;

    copy_short(text, word_class.name.data, len);
    if (word_class.extension.len > 0) {
        text[len++] = '.';
        for (size_t i = 0; i < word_class.extension.len; i++)
            text[len++] = opk_to_lower(word_class.extension.data[i]);
    }
    write_item(w, OPK_ITEM_CLASS, (struct opk_str){text, len});
}

static bool is_name_byte(char c)
{
    return opk_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* What stands in no name. */
#define NO_NAME                                                                                    \
    ((unsigned)OPK_HAS_COLON | (unsigned)OPK_HAS_SLASH | (unsigned)OPK_HAS_SPACE |                 \
     (unsigned)OPK_HAS_AT | (unsigned)OPK_HAS_EQUALS | (unsigned)OPK_HAS_TILDE |                   \
     (unsigned)OPK_HAS_MARK | (unsigned)OPK_HAS_ODD)

/* Where an option's name ends: at sign, or at its end. OPK_NPOS when it is no name. */
static size_t option_name_end(struct opk_str value, unsigned bytes, char sign)
{
    size_t at = 1;

    if (!(bytes & NO_NAME) && value.len <= OPTION_MAX)
        return value.len;
    while (at < value.len && at <= OPTION_MAX && is_name_byte(value.data[at]))
        at++;
    return at == value.len || (at < value.len && value.data[at] == sign) ? at : OPK_NPOS;
}

static void write_attached(struct writer *w, const struct opk_word *word, size_t name_end,
                           size_t value_at)
{
    struct opk_str value = opk_str_skip(word->value, value_at);

    write_item(w, OPK_ITEM_ATTACHED, opk_str_slice(word->value, 0, name_end));
    write_class(w, value, word->flags & ~(unsigned)OPK_WORD_QUOTED, opk_word_bytes(value));
}

/* -n5, -I/usr/include, -Dkey=value, -p3cr3t: one letter with its value behind it. */
static bool letter_has_value(struct opk_str value)
{
    size_t digits = 0;
    bool upper = false;

    if (value.len < 3 || value.data[1] == '-' || !opk_is_alpha(value.data[1]))
        return false;
    for (size_t i = 2; i < value.len; i++) {
        char c = value.data[i];
        if (opk_is_digit(c))
            digits++;
        else if (!opk_is_alpha(c) && c != '-' && c != '_')
            return true;
        upper = upper || opk_is_upper(c);
    }
    return digits > 0 && (digits == value.len - 2 || digits > 1 || upper);
}

static void write_option(struct writer *w, const struct opk_word *word)
{
    struct opk_str value = word->value;
    bool is_switch = (word->flags & OPK_WORD_SWITCH) != 0;
    bool is_long = is_switch || (value.len > 2 && value.data[1] == '-');
    size_t end = option_name_end(value, word->bytes, is_switch ? ':' : '=');

    bool has_value = end != OPK_NPOS && end < value.len; /* --name=value, -name=value */

    if (opk_is_digit(value.data[1]))
        write_attached(w, word, 1, 1); /* head -5 */
    else if (has_value && (is_long || opk_is_lower(value.data[1])))
        write_attached(w, word, end, end + 1);
    else if (!is_long && value.len > 2 &&
             (letter_has_value(value) || opk_hint_attaches(w->program, value.data[1])))
        write_attached(w, word, 2, 2);
    else if (end == value.len)
        write_item(w, OPK_ITEM_OPTION, value);
    else
        write_class(w, value, word->flags, word->bytes);
}

/* "-" and "--" are operands; so is a quoted "-x y". */
static bool is_option(const struct opk_word *word)
{
    struct opk_str v = word->value;

    if (word->flags & OPK_WORD_SWITCH)
        return true;
    return v.len > 1 && v.data[0] == '-' && !(v.len == 2 && v.data[1] == '-') &&
           !(word->flags & (unsigned)(OPK_WORD_OPAQUE | OPK_WORD_CONDITION)) &&
           (opk_is_alnum(v.data[1]) || v.data[1] == '-');
}

static void write_word(struct writer *w, const struct opk_word *word, bool behind_option)
{
    if (!w->words_end && w->words < OPK_SHAPE_WORDS_MAX &&
        opk_word_is_plain(word->value, word->flags, word->bytes) &&
        !(w->finder && opk_class_find(w->finder, word->value, word->flags))) {
        w->words++;
        write_item(w, OPK_ITEM_WORD, word->value);
        return;
    }
    write_class(w, word->value, word->flags, word->bytes);
    /* Behind an option it may be the option's value; then words can still name an operation. */
    if (!behind_option)
        w->words_end = true;
}

/* python3.11 -> python3, git.exe -> git */
static struct opk_str trim_version(struct opk_str name)
{
    size_t dot = opk_str_find_byte(name, '.', 1);

    if (opk_str_ends(name, OPK_STR(".exe")))
        return opk_str_slice(name, 0, name.len - 4);
    if (dot == OPK_NPOS || dot < 2 || !opk_is_digit(name.data[dot - 1]))
        return name;
    for (size_t i = dot; i < name.len; i++) {
        if (!opk_is_digit(name.data[i]) && name.data[i] != '.')
            return name;
    }
    /* "gst-launch-1.0" is a name; only digits that touch the letters are a version. */
    size_t begin = dot;
    while (begin > 0 && opk_is_digit(name.data[begin - 1]))
        begin--;
    return begin > 0 && opk_is_alpha(name.data[begin - 1]) ? opk_str_slice(name, 0, dot) : name;
}

/* Programs have few digits, and do not mix them with letters like a key does (ghp1a2b3). */
#define NAME_DIGITS_MAX 8
#define NAME_TURNS_MAX  2

/* Is this a name that a program has, rather than a value that stands in its place? */
static bool is_program_name(struct opk_str name)
{
    size_t digits = 0;
    size_t turns = 0; /* from letter to digit and back, within a part of the name */

    if (name.len == 0 || name.len > OPK_WORD_PLAIN_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        char before = i > 0 ? name.data[i - 1] : '\0';
        if (!is_name_byte(c) && !strchr("+@~/", c))
            return false;
        digits += opk_is_digit(c);
        if (!opk_is_alnum(c))
            turns = 0;
        else if (opk_is_alnum(before) && opk_is_digit(c) != opk_is_digit(before))
            turns++;
        if (turns > NAME_TURNS_MAX || digits > NAME_DIGITS_MAX)
            return false;
    }
    /* 7z is one, 7 and 10M are not. */
    return opk_is_alpha(name.data[0]) || name.data[0] == '_' ||
           opk_str_starts(name, OPK_STR("./")) ||
           (name.len > 1 &&
            opk_str_eq(opk_word_classify(name, 0, opk_word_bytes(name)).name, OPK_STR("word")));
}

/* Commands whose names are no names. */
static bool is_sign(struct opk_str name)
{
    return name.len == 1 ? strchr("[:.!", name.data[0]) != NULL && name.data[0] != '\0'
                         : opk_str_eq(name, OPK_STR("[["));
}

/* Most programs' names are letters alone: nothing is to be cut off, and they are names. */
static bool is_simple_name(const struct opk_word *word)
{
    const unsigned others = NO_NAME | (unsigned)OPK_HAS_DIGIT | (unsigned)OPK_HAS_DOT;

    return word->flags == 0 && !(word->bytes & others) && word->value.len > 0 &&
           word->value.len <= OPK_WORD_PLAIN_MAX && opk_is_alpha(word->value.data[0]);
}

static void write_program(struct writer *w, const struct opk_word *word)
{
    struct opk_str name = word->value;

    if (is_simple_name(word)) {
        w->program = name;
        write_item(w, OPK_ITEM_PROGRAM, name);
        return;
    }
    if (is_sign(name)) {
        write_item(w, OPK_ITEM_PROGRAM, name);
        return;
    }
    if (opk_str_starts(name, OPK_STR("./")) && opk_str_rfind_byte(name, '/') == 1)
        ; /* a project's own script keeps its place */
    else
        name = trim_version(opk_program_basename(name));
    if (!(word->flags & (unsigned)(OPK_WORD_VARIABLE | OPK_WORD_SUBSTITUTION | OPK_WORD_OPAQUE |
                                   OPK_WORD_ARITHMETIC)) &&
        is_program_name(name)) {
        w->program = name;
        write_item(w, OPK_ITEM_PROGRAM, name);
        return;
    }
    struct opk_buf text = OPK_BUF_EMPTY;
    opk_word_class_write(&text, opk_word_classify(word->value, word->flags, word->bytes));
    write_item(w, OPK_ITEM_PROGRAM, opk_buf_str(&text));
    w->out->failed = w->out->failed || text.failed;
    opk_buf_done(&text);
}

static void write_redirect(struct writer *w, const struct opk_redirect *redirect)
{
    struct opk_str sign = redirect->sign;

    if (redirect->op == OPK_OP_DUP || opk_str_eq(redirect->word.value, OPK_STR("/dev/null")))
        return;
    if (redirect->op == OPK_OP_HEREDOC)
        sign = OPK_STR("<<");
    write_item(w, OPK_ITEM_REDIRECT, sign);
    if (redirect->op == OPK_OP_HEREDOC || redirect->op == OPK_OP_HERESTR)
        write_item(w, OPK_ITEM_CLASS, OPK_STR("text"));
    else
        write_class(w, redirect->word.value, redirect->word.flags, redirect->word.bytes);
}

static void write_simple(struct opk_buf *out, const struct opk_steps *steps,
                         const struct opk_simple *simple)
{
    struct writer w = writer_begin(out, steps->finder);
    bool behind_option = false;
    bool options_end = false;

    for (unsigned i = 0; i < simple->wrapper_count; i++) {
        if (simple->wrappers[i]->shown)
            write_item(&w, OPK_ITEM_WRAPPER, opk_str_of(simple->wrappers[i]->name));
    }
    if (simple->word_begin < simple->word_end)
        write_program(&w, &steps->words[simple->word_begin]);
    else
        write_item(&w, OPK_ITEM_PROGRAM,
                   simple->assignment_begin < simple->assignment_end ? OPK_STR("=") : OPK_STR(">"));
    for (size_t i = simple->word_begin + 1; i < simple->word_end; i++) {
        const struct opk_word *word = &steps->words[i];
        bool option = !options_end && is_option(word);
        options_end = options_end || opk_str_eq(word->value, OPK_STR("--"));
        if (option)
            write_option(&w, word);
        else
            write_word(&w, word, behind_option);
        behind_option = option;
    }
    for (size_t i = simple->redirect_begin; i < simple->redirect_end; i++)
        write_redirect(&w, &steps->redirects[i]);
    writer_done(&w);
}

/* At a pipeline's end they change what is seen, not what is done. */
static bool is_pager(const struct opk_steps *steps, const struct opk_simple *simple)
{
    static const char *const PAGERS[] = {"less", "more", "most", "tee", "bat", NULL};
    struct opk_str name;

    if (simple->word_begin == simple->word_end)
        return false;
    name = opk_program_basename(steps->words[simple->word_begin].value);
    for (size_t i = 0; PAGERS[i]; i++) {
        if (opk_str_eq(name, opk_str_of(PAGERS[i])))
            return true;
    }
    return false;
}

void opk_shape_write(struct opk_buf *out, const struct opk_steps *steps,
                     const struct opk_step *step)
{
    size_t begin = step->simple_begin;
    size_t end = step->simple_end;

    while (end > begin + 1 && is_pager(steps, &steps->simples[end - 1]))
        end--;
    for (size_t i = begin; i < end; i++) {
        if (i - begin == OPK_SHAPE_SIMPLES_MAX) {
            opk_buf_append_byte(out, (char)OPK_ITEM_REST);
            opk_buf_append_byte(out, '\0');
            return;
        }
        write_simple(out, steps, &steps->simples[i]);
    }
}

/* A key and the class of its value; what is long or has lines sorts last. */
struct tool_key {
    struct opk_str name;
    struct opk_word_class word_class;
};

static struct opk_word_class value_class(const struct opk_json *json,
                                         struct opk_class_finder *finder)
{
    const char *own =
        finder && json->token == OPK_JSON_STRING ? opk_class_find(finder, json->value, 0) : NULL;

    if (own)
        return (struct opk_word_class){opk_str_of(own), OPK_STR_EMPTY};
    switch (json->token) {
    case OPK_JSON_STRING:
        return opk_word_classify(json->value, 0, opk_word_bytes(json->value));
    case OPK_JSON_NUMBER:
        return (struct opk_word_class){OPK_STR("number"), OPK_STR_EMPTY};
    case OPK_JSON_TRUE:
    case OPK_JSON_FALSE:
        return (struct opk_word_class){OPK_STR("bool"), OPK_STR_EMPTY};
    case OPK_JSON_NULL:
        return (struct opk_word_class){OPK_STR("null"), OPK_STR_EMPTY};
    case OPK_JSON_OBJECT:
    case OPK_JSON_ARRAY:
    case OPK_JSON_OBJECT_END:
    case OPK_JSON_ARRAY_END:
    case OPK_JSON_KEY:
        break;
    }
    return (struct opk_word_class){OPK_STR("json"), OPK_STR_EMPTY};
}

static bool key_before(const struct tool_key *a, const struct tool_key *b)
{
    bool a_text = opk_str_eq(a->word_class.name, OPK_STR("text"));
    bool b_text = opk_str_eq(b->word_class.name, OPK_STR("text"));

    return a_text != b_text ? b_text : opk_str_cmp(a->name, b->name) < 0;
}

static bool is_key_name(struct opk_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!is_name_byte(name.data[i]))
            return false;
    }
    return name.len > 0 && name.len <= OPTION_MAX;
}

static void add_key(struct tool_key *keys, size_t *count, struct tool_key key)
{
    size_t at = *count;

    while (at > 0 && key_before(&key, &keys[at - 1])) {
        keys[at] = keys[at - 1];
        at--;
    }
    keys[at] = key;
    (*count)++;
}

/* Read the keys of an object; what comes before damage stands. */
static size_t read_keys(struct opk_json *json, struct opk_arena *arena, struct tool_key *keys,
                        struct opk_class_finder *finder)
{
    size_t count = 0;

    if (opk_json_next(json, NULL) != OPK_OK || json->token != OPK_JSON_OBJECT)
        return 0;
    while (count < TOOL_KEYS_MAX && opk_json_next(json, NULL) == OPK_OK &&
           json->token == OPK_JSON_KEY) {
        struct tool_key key = {.name = opk_arena_copy(arena, json->value)};
        struct opk_json value;
        struct opk_span span;
        if (opk_json_skip(json, &span, NULL) != OPK_OK)
            break;
        /* Read the value again, from its own first byte, to see what it is. */
        opk_json_init(&value, opk_str_slice(json->text, span.begin, span.end));
        if (opk_json_next(&value, NULL) == OPK_OK && is_key_name(key.name)) {
            key.word_class = value_class(&value, finder);
            key.word_class.extension = opk_arena_copy(arena, key.word_class.extension);
            add_key(keys, &count, key);
        }
        opk_json_done(&value);
    }
    return count;
}

void opk_shape_write_tool(struct opk_buf *out, struct opk_str tool, struct opk_str input,
                          struct opk_class_finder *finder)
{
    struct tool_key keys[TOOL_KEYS_MAX];
    struct writer w = writer_begin(out, NULL);
    struct opk_arena arena = {0};
    struct opk_json json;
    size_t count;

    opk_json_init(&json, input);
    count = read_keys(&json, &arena, keys, finder);
    write_item(&w, OPK_ITEM_TOOL, is_key_name(tool) ? tool : OPK_STR("unknown"));
    for (size_t i = 0; i < count; i++) {
        struct opk_buf text = OPK_BUF_EMPTY;
        write_item(&w, OPK_ITEM_KEY, keys[i].name);
        opk_word_class_write(&text, keys[i].word_class);
        struct opk_str inside = opk_buf_str(&text);
        write_item(&w, OPK_ITEM_CLASS,
                   inside.len > 2 ? opk_str_slice(inside, 1, inside.len - 1) : inside);
        w.out->failed = w.out->failed || text.failed;
        opk_buf_done(&text);
    }
    writer_done(&w);
    out->failed = out->failed || arena.failed;
    opk_json_done(&json);
    opk_arena_done(&arena);
}
