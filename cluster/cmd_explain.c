#include "base/hash.h"
#include "base/json.h"
#include "base/out.h"
#include "cluster/canon.h"
#include "cluster/cmd_cluster.h"
#include "cluster/cmd_config.h"
#include "cluster/cmd_gather.h"
#include "cluster/cmd_registered.h"
#include "cluster/modes.h"
#include "cluster/shape.h"
#include "cluster/step.h"
#include "cluster/word.h"

#include <string.h>

struct values {
    const char *format;
    const char *input_format;
    struct opk_opt_list logs;
    const char *registry;
    const char *shell;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("format", 0, CHOICE, "text|json", "how to print", struct values, format),
    OPK_OPT("input-format", 0, TEXT, "NAME", "read every log as this format", struct values,
            input_format),
    OPK_OPT("log", 0, LIST, "PATH", "learn from this transcript or folder", struct values, logs),
    OPK_OPT("registry", 0, TEXT, "FILE", "tell the registered kind of each step as well",
            struct values, registry),
    OPK_OPT("shell", 0, TEXT, "NAME",
            "read it as this shell does: bash, zsh, fish, powershell, cmd", struct values, shell),
    OPK_OPT_END,
};

static const struct {
    unsigned flag;
    const char *name;
} STEP_FLAGS[] = {
    {OPK_STEP_BACKGROUND, "background"}, {OPK_STEP_NEGATED, "negated"},
    {OPK_STEP_OPAQUE, "opaque"},         {OPK_STEP_LOOP, "in a loop"},
    {OPK_STEP_BRANCH, "in a branch"},    {OPK_STEP_FUNCTION, "in a function"},
    {OPK_STEP_NESTED, "from a script"},  {OPK_STEP_FED, "fed by a group"},
};

#define STEP_FLAG_COUNT (sizeof(STEP_FLAGS) / sizeof(STEP_FLAGS[0]))

/* One simple command as it is told. */
struct telling {
    struct opk_cli *cli;
    struct opk_model *model;
    struct opk_modes *modes; /* NULL without a log */
    struct opk_sources sources;
    struct opk_gathered gathered;
    bool has_problem; /* a log could not be read whole */
    struct opk_registered_kinds registered;
    struct opk_config config;
    bool has_registry;
    enum opk_dialect dialect;
    struct opk_steps steps;
    struct opk_buf raw;
    struct opk_buf kind;
    struct opk_buf shape;
    struct opk_buf why;
    struct opk_buf out;
};

static void telling_done(struct telling *t)
{
    opk_model_free(t->model);
    opk_modes_free(t->modes);
    opk_gathered_done(&t->gathered);
    opk_sources_done(&t->sources);
    opk_registered_done(&t->registered);
    opk_steps_done(&t->steps);
    opk_class_finder_free(t->steps.finder);
    opk_config_done(&t->config);
    opk_buf_done(&t->raw);
    opk_buf_done(&t->kind);
    opk_buf_done(&t->shape);
    opk_buf_done(&t->why);
    opk_buf_done(&t->out);
}

/* Was anything learnt from a log? */
static bool has_log(const struct telling *t)
{
    return t->gathered.sources > 0;
}

/* Fill kind and shape for a step, or for a part of one. */
static void label(struct telling *t, const struct opk_step *step)
{
    opk_buf_clear(&t->raw);
    opk_buf_clear(&t->kind);
    opk_buf_clear(&t->shape);
    opk_shape_write(&t->raw, &t->steps, step);
    (void)opk_canon_write(t->model, opk_buf_str(&t->raw), &t->kind, &t->shape, NULL);
    t->out.failed = t->out.failed || t->raw.failed || t->kind.failed || t->shape.failed;
}

/* What the first word behind the operation words is not, or why the last one is. */
static void write_why(struct opk_str path, struct opk_buf *out)
{
    size_t blank = opk_str_rfind_byte(path, ' ');
    struct opk_str before = opk_str_slice(path, 0, blank == OPK_NPOS ? 0 : blank);
    const char *begin = "no built-in table knows the words behind '";
    const char *end = "'";

    switch (opk_hint_words(path)) {
    case OPK_HINT_VALUE:
        begin = "the built-in table says that words behind '";
        end = "' are arguments";
        break;
    case OPK_HINT_OPERATION:
        begin = "the next plain word would name the operation behind '";
        break;
    case OPK_HINT_NONE:
        if (opk_hint_words(before) != OPK_HINT_OPERATION)
            break;
        begin = "the built-in table says that the word behind '";
        path = before;
        end = "' names the operation";
        break;
    }
    opk_buf_append_cstr(out, begin);
    opk_buf_append(out, path);
    opk_buf_append_cstr(out, end);
}

static void tell_why(struct telling *t)
{
    opk_buf_clear(&t->why);
    write_why(opk_buf_str(&t->kind), &t->why);
    t->out.failed = t->out.failed || t->why.failed;
}

/* The part a word plays: names the operation when it is the next of the operation words. */
static const char *word_role(const struct opk_word *word, bool first, struct opk_str *operations)
{
    size_t blank = opk_str_find_byte(*operations, ' ', 0);
    struct opk_str next = opk_str_slice(*operations, 0, blank);

    if (first || (next.len > 0 && opk_str_eq(word->value, next))) {
        *operations = opk_str_skip(*operations, next.len + 1);
        return first ? "program" : "operation";
    }
    if ((word->flags & OPK_WORD_SWITCH) || (word->value.len > 1 && word->value.data[0] == '-'))
        return "option";
    return "operand";
}

static void class_text(const struct telling *t, const struct opk_word *word, const char *role,
                       struct opk_buf *out)
{
    const char *own =
        t->steps.finder ? opk_class_find(t->steps.finder, word->value, word->flags) : NULL;

    if (strcmp(role, "operand") != 0)
        return;
    if (own)
        opk_buf_printf(out, "<%s>", own);
    else
        opk_word_class_write(out, opk_word_classify(word->value, word->flags, word->bytes));
}

static void write_words_text(struct telling *t, const struct opk_simple *simple,
                             struct opk_str operations)
{
    for (unsigned i = 0; i < simple->wrapper_count; i++) {
        opk_buf_append_cstr(&t->out, "  wrapper    ");
        opk_out_terminal(&t->out, opk_str_of(simple->wrappers[i]->name), false);
        opk_buf_append_byte(&t->out, '\n');
    }
    for (size_t i = simple->word_begin; i < simple->word_end; i++) {
        const struct opk_word *word = &t->steps.words[i];
        const char *role = word_role(word, i == simple->word_begin, &operations);
        opk_buf_printf(&t->out, "  %-10s ", role);
        opk_out_terminal(&t->out, word->raw, false);
        if (strcmp(role, "operand") == 0)
            opk_buf_append_byte(&t->out, ' ');
        class_text(t, word, role, &t->out);
        opk_buf_append_byte(&t->out, '\n');
    }
    for (size_t i = simple->redirect_begin; i < simple->redirect_end; i++) {
        opk_buf_append_cstr(&t->out, "  redirect   ");
        opk_out_terminal(&t->out, t->steps.redirects[i].sign, false);
        opk_buf_append_byte(&t->out, ' ');
        opk_out_terminal(&t->out, t->steps.redirects[i].word.raw, false);
        opk_buf_append_byte(&t->out, '\n');
    }
}

static void write_words_json(struct telling *t, struct opk_json_writer *json,
                             const struct opk_simple *simple, struct opk_str operations)
{
    opk_json_key(json, "wrappers");
    opk_json_open(json, '[');
    for (unsigned i = 0; i < simple->wrapper_count; i++)
        opk_json_string(json, opk_str_of(simple->wrappers[i]->name));
    opk_json_close(json, ']');
    opk_json_key(json, "words");
    opk_json_open(json, '[');
    for (size_t i = simple->word_begin; i < simple->word_end; i++) {
        const struct opk_word *word = &t->steps.words[i];
        const char *role = word_role(word, i == simple->word_begin, &operations);
        struct opk_buf text = OPK_BUF_EMPTY;
        class_text(t, word, role, &text);
        opk_json_open(json, '{');
        opk_json_key(json, "text");
        opk_json_string(json, word->raw);
        opk_json_key(json, "role");
        opk_json_string(json, opk_str_of(role));
        if (text.len > 0) {
            opk_json_key(json, "class");
            opk_json_string(json, opk_str_slice(opk_buf_str(&text), 1, text.len - 1));
        }
        opk_json_close(json, '}');
        t->out.failed = t->out.failed || text.failed;
        opk_buf_done(&text);
    }
    opk_json_close(json, ']');
}

/* The operation words of one simple command of a step, wrappers that show left out. */
static struct opk_str operations_of(struct telling *t, size_t simple)
{
    struct opk_step part = {.simple_begin = simple, .simple_end = simple + 1};
    const struct opk_simple *s = &t->steps.simples[simple];

    label(t, &part);
    struct opk_str kind = opk_buf_str(&t->kind);
    for (unsigned i = 0; i < s->wrapper_count; i++) {
        struct opk_str name = opk_str_of(s->wrappers[i]->name);
        if (opk_str_starts(kind, name) && kind.len > name.len && kind.data[name.len] == ' ')
            kind = opk_str_skip(kind, name.len + 1);
    }
    return kind;
}

/* What the log says of one word in its slot: text or JSON. */
static void tell_reason(struct telling *t, struct opk_json_writer *json, struct opk_str slot,
                        struct opk_str word, const struct opk_word_reason *reason)
{
    const char *verdict = reason->operation ? "names the operation" : "is an argument";

    if (!json) {
        opk_buf_append_cstr(&t->out, "  counts     ");
        opk_out_terminal(&t->out, word, false);
        opk_buf_printf(&t->out, " %s behind ", verdict);
        opk_out_terminal(&t->out, slot, false);
        opk_buf_printf(&t->out,
                       ": %llu of %llu uses, among %llu words, and %llu uses of something else; "
                       "an argument in %llu other slots, an operation in %llu, behind options of "
                       "%llu programs; %.1f bits as an operation word, %.1f as an argument\n",
                       (unsigned long long)reason->count, (unsigned long long)reason->slot,
                       (unsigned long long)reason->words, (unsigned long long)reason->impure,
                       (unsigned long long)reason->spread, (unsigned long long)reason->named,
                       (unsigned long long)reason->behind, reason->bits_operation,
                       reason->bits_argument);
        return;
    }
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"uses", reason->count},
        {"slot_uses", reason->slot},
        {"slot_impure", reason->impure},
        {"slot_words", reason->words},
        {"argument_elsewhere", reason->spread},
        {"operation_elsewhere", reason->named},
        {"programs_behind_options", reason->behind},
        {"millibits_operation", (uint64_t)(reason->bits_operation * 1000)},
        {"millibits_argument", (uint64_t)(reason->bits_argument * 1000)},
    };
    opk_json_open(json, '{');
    opk_json_key(json, "word");
    opk_json_string(json, word);
    opk_json_key(json, "slot");
    opk_json_string(json, slot);
    opk_json_key(json, "verdict");
    opk_json_string(json, reason->operation ? OPK_STR("operation") : OPK_STR("argument"));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        opk_json_key(json, numbers[i].name);
        opk_json_number(json, (int64_t)numbers[i].value);
    }
    opk_json_close(json, '}');
}

/* The first plain operand behind the operation words; empty when there is none. */
static struct opk_str first_operand(const struct telling *t, const struct opk_simple *simple,
                                    struct opk_str operations)
{
    for (size_t i = simple->word_begin; i < simple->word_end; i++) {
        const struct opk_word *word = &t->steps.words[i];
        const char *role = word_role(word, i == simple->word_begin, &operations);
        if (strcmp(role, "operand") == 0)
            return opk_word_is_plain(word->value, word->flags, word->bytes) ? word->value
                                                                            : OPK_STR_EMPTY;
    }
    return OPK_STR_EMPTY;
}

/* The statistics behind each operation word of a command, and behind the first that is none. */
static void tell_counts(struct telling *t, struct opk_json_writer *json,
                        const struct opk_simple *simple, struct opk_str operations)
{
    struct opk_str operand = first_operand(t, simple, operations);
    struct opk_split split = OPK_SPLIT(operations, ' ');
    struct opk_str word;
    struct opk_str path;
    uint32_t slot;

    if (!opk_split_next(&split, &path))
        return;
    slot = opk_words_program(t->model->words, path);
    bool behind = false;
    while ((behind = opk_split_next(&split, &word)) || operand.len > 0) {
        struct opk_word_reason reason;
        if (!behind) {
            word = operand;
            operand = OPK_STR_EMPTY;
        }
        (void)opk_words_is_operation(t->model->words, slot, path, word, &slot, &reason);
        tell_reason(t, json, path, word, &reason);
        path = opk_str_slice(operations, 0, path.len + 1 + word.len);
    }
}

/* What the log says of one option in its operation: text or JSON. */
static void tell_mode(struct telling *t, struct opk_json_writer *json, struct opk_str operation,
                      struct opk_str name, const struct opk_mode_reason *reason)
{
    static const struct {
        const char *said;
        const char *name;
    } VERDICTS[] = {
        [OPK_MODE_NONE] = {"is no mode", "none"},
        [OPK_MODE_CHOICE] = {"is a mode, one of a choice,", "choice"},
        [OPK_MODE_FOLLOWS] = {"is a mode, told by what follows,", "follows"},
    };
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"commands", reason->commands},     {"uses", reason->with},
        {"uses_first", reason->first},      {"uses_valued", reason->valued},
        {"plain", reason->plain},           {"choice_options", reason->choices},
        {"choice_covers", reason->covered}, {"told_thousandths", reason->told},
        {"millibits", reason->millibits},
    };

    if (!json) {
        opk_buf_append_cstr(&t->out, "  option     ");
        opk_out_terminal(&t->out, name, false);
        opk_buf_printf(&t->out, " %s of ", VERDICTS[reason->verdict].said);
        opk_out_terminal(&t->out, operation, false);
        opk_buf_printf(
            &t->out,
            ": in %llu of %llu commands, first in %llu, perhaps with a value in %llu; "
            "in a choice of %llu options that %llu commands have one of; what follows "
            "tells %llu of 1000 parts of it beside %llu plain commands, %llu.%llu bits\n",
            (unsigned long long)reason->with, (unsigned long long)reason->commands,
            (unsigned long long)reason->first, (unsigned long long)reason->valued,
            (unsigned long long)reason->choices, (unsigned long long)reason->covered,
            (unsigned long long)reason->told, (unsigned long long)reason->plain,
            (unsigned long long)reason->millibits / 1000,
            (unsigned long long)reason->millibits / 100 % 10);
        return;
    }
    opk_json_open(json, '{');
    opk_json_key(json, "option");
    opk_json_string(json, name);
    opk_json_key(json, "operation");
    opk_json_string(json, operation);
    opk_json_key(json, "verdict");
    opk_json_string(json, opk_str_of(VERDICTS[reason->verdict].name));
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        opk_json_key(json, numbers[i].name);
        opk_json_number(json, (int64_t)numbers[i].value);
    }
    opk_json_close(json, '}');
}

/* The statistics behind each option of the simple command that was labelled last. */
static void tell_modes(struct telling *t, struct opk_json_writer *json, struct opk_str operation)
{
    struct opk_split split = OPK_SPLIT(opk_buf_str(&t->shape), ' ');
    struct opk_mode_reason reason;
    struct opk_str word;

    while (opk_split_next(&split, &word)) {
        if (word.len > 1 && word.data[0] == '-' &&
            opk_modes_reason(t->modes, operation, word, &reason))
            tell_mode(t, json, operation, word, &reason);
    }
}

/* The registered kind of the step that is labelled. */
static void write_match_text(struct telling *t)
{
    struct opk_str pattern;
    struct opk_str id = opk_registered_match(&t->registered, opk_buf_str(&t->shape), &pattern);

    if (!t->has_registry)
        return;
    opk_buf_append_cstr(&t->out, "  registered ");
    if (id.len > 0) {
        opk_out_terminal(&t->out, id, false);
        opk_buf_append_cstr(&t->out, ", by ");
        opk_out_terminal(&t->out, pattern, false);
    } else {
        opk_buf_append_cstr(&t->out, "no kind matches");
    }
    opk_buf_append_byte(&t->out, '\n');
}

static void write_match_json(struct telling *t, struct opk_json_writer *json)
{
    struct opk_str pattern;
    struct opk_str id = opk_registered_match(&t->registered, opk_buf_str(&t->shape), &pattern);

    if (id.len == 0)
        return;
    opk_json_key(json, "id");
    opk_json_string(json, id);
    opk_json_key(json, "pattern");
    opk_json_string(json, pattern);
}

/* The draft of the step that is labelled: its kind, split by modes. */
static struct opk_str signature_of(struct telling *t)
{
    opk_buf_clear(&t->why);
    opk_modes_sign(t->modes, opk_buf_str(&t->kind), opk_buf_str(&t->shape), &t->why);
    t->out.failed = t->out.failed || t->why.failed;
    return opk_buf_str(&t->why);
}

static void write_step_text(struct telling *t, size_t number, const struct opk_step *step)
{
    char id[OPK_HASH128_TEXT];

    opk_buf_printf(&t->out, "step %zu: ", number);
    opk_out_terminal(&t->out, step->text, false);
    opk_buf_append_byte(&t->out, '\n');
    for (size_t i = 0; i < STEP_FLAG_COUNT; i++) {
        if (step->flags & STEP_FLAGS[i].flag)
            opk_buf_printf(&t->out, "  %s\n", STEP_FLAGS[i].name);
    }
    for (size_t i = step->simple_begin; i < step->simple_end; i++) {
        if (i > step->simple_begin)
            opk_buf_append_cstr(&t->out, "  |\n");
        struct opk_str operations = operations_of(t, i);
        write_words_text(t, &t->steps.simples[i], operations);
        if (!has_log(t))
            continue;
        tell_counts(t, NULL, &t->steps.simples[i], operations);
        tell_modes(t, NULL, operations);
    }
    label(t, step);
    tell_why(t);
    opk_hash128_text(opk_hash128(opk_buf_str(&t->shape)), id);
    opk_buf_append_cstr(&t->out, "  shape      ");
    opk_out_terminal(&t->out, opk_buf_str(&t->shape), false);
    opk_buf_printf(&t->out, "\n  shape id   %s\n  kind       ", id);
    opk_out_terminal(&t->out, opk_buf_str(&t->kind), false);
    if (step->simple_end == step->simple_begin + 1 && !has_log(t)) {
        opk_buf_append_cstr(&t->out, "\n  why        ");
        opk_out_terminal(&t->out, opk_buf_str(&t->why), false);
    }
    opk_buf_append_byte(&t->out, '\n');
    if (has_log(t)) {
        opk_buf_append_cstr(&t->out, "  drafted as ");
        opk_out_terminal(&t->out, signature_of(t), false);
        opk_buf_append_byte(&t->out, '\n');
    }
    write_match_text(t);
}

static void write_step_json(struct telling *t, struct opk_json_writer *json,
                            const struct opk_step *step)
{
    char id[OPK_HASH128_TEXT];

    opk_json_open(json, '{');
    opk_json_key(json, "text");
    opk_json_string(json, step->text);
    opk_json_key(json, "flags");
    opk_json_open(json, '[');
    for (size_t i = 0; i < STEP_FLAG_COUNT; i++) {
        if (step->flags & STEP_FLAGS[i].flag)
            opk_json_string(json, opk_str_of(STEP_FLAGS[i].name));
    }
    opk_json_close(json, ']');
    opk_json_key(json, "commands");
    opk_json_open(json, '[');
    for (size_t i = step->simple_begin; i < step->simple_end; i++) {
        struct opk_str operations = operations_of(t, i);
        opk_json_open(json, '{');
        write_words_json(t, json, &t->steps.simples[i], operations);
        if (has_log(t)) {
            opk_json_key(json, "counts");
            opk_json_open(json, '[');
            tell_counts(t, json, &t->steps.simples[i], operations);
            opk_json_close(json, ']');
            opk_json_key(json, "options");
            opk_json_open(json, '[');
            tell_modes(t, json, operations);
            opk_json_close(json, ']');
        }
        opk_json_close(json, '}');
    }
    opk_json_close(json, ']');
    label(t, step);
    opk_hash128_text(opk_hash128(opk_buf_str(&t->shape)), id);
    opk_json_key(json, "shape");
    opk_json_string(json, opk_buf_str(&t->shape));
    opk_json_key(json, "shape_id");
    opk_json_string(json, opk_str_of(id));
    opk_json_key(json, "kind");
    opk_json_string(json, opk_buf_str(&t->kind));
    if (has_log(t)) {
        opk_json_key(json, "signature");
        opk_json_string(json, signature_of(t));
    }
    write_match_json(t, json);
    if (step->simple_end == step->simple_begin + 1 && !has_log(t)) {
        tell_why(t);
        opk_json_key(json, "why");
        opk_json_string(json, opk_buf_str(&t->why));
    }
    opk_json_close(json, '}');
}

static void write_text(struct telling *t)
{
    if (t->dialect != OPK_DIALECT_BASH)
        opk_buf_printf(&t->out, "read as %s\n", opk_dialect_name(t->dialect));
    for (size_t i = 0; i < t->steps.count; i++)
        write_step_text(t, i + 1, &t->steps.steps[i]);
    if (t->steps.count == 0)
        opk_buf_append_cstr(&t->out, "no step: nothing here runs a command\n");
    if (!has_log(t))
        opk_buf_append_cstr(&t->out,
                            "without a log, operation words come from the built-in tables only\n");
}

static void write_json(struct telling *t)
{
    struct opk_json_writer json = OPK_JSON_WRITER(&t->out);

    opk_json_open(&json, '{');
    opk_json_key(&json, "basis");
    opk_json_string(&json, has_log(t) ? OPK_STR("log") : OPK_STR("tables"));
    opk_json_key(&json, "dialect");
    opk_json_string(&json, opk_str_of(opk_dialect_name(t->dialect)));
    opk_json_key(&json, "steps");
    opk_json_open(&json, '[');
    for (size_t i = 0; i < t->steps.count; i++)
        write_step_json(t, &json, &t->steps.steps[i]);
    opk_json_close(&json, ']');
    opk_json_close(&json, '}');
    opk_buf_append_byte(&t->out, '\n');
}

static enum opk_status read_registry(struct opk_cli *cli, const struct values *values,
                                     struct telling *t, struct opk_err *err)
{
    const char *path = values->registry;
    enum opk_status status = OPK_OK;

    if (!path)
        status = opk_registered_locate(cli, OPK_REGISTRY_PATH, &path, err);
    t->has_registry = path != NULL;
    return status == OPK_OK
               ? opk_registered_read(cli, path, values->registry != NULL, &t->registered, err)
               : status;
}

/* In whose language: as told, or as the text looks. */
static enum opk_status find_dialect(struct opk_cli *cli, const struct values *values,
                                    struct telling *t, struct opk_err *err)
{
    struct opk_str shell = values->shell ? opk_str_of(values->shell) : OPK_STR_EMPTY;
    enum opk_dialect known;

    if (shell.len > 0 && !opk_dialect_find(shell, &known))
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                        "no shell '%s'; bash, zsh, fish, powershell or cmd", values->shell);
    t->dialect = opk_dialect_of(shell, opk_str_of(cli->operands[0]));
    return OPK_OK;
}

static void note(void *context, const struct opk_err *err)
{
    struct telling *t = context;

    opk_cli_note(t->cli, err);
    t->has_problem = true;
}

/* Count the logs that were given; t->gathered stays empty without one. */
static enum opk_status gather(const struct values *values, struct telling *t, struct opk_err *err)
{
    struct opk_notes notes = {note, t};
    struct opk_gather_limits limits = {.jobs = 1, .classes = t->config.classes};
    struct opk_progress progress;
    const struct opk_reader *reader =
        values->input_format ? opk_reader_find(opk_str_of(values->input_format)) : NULL;
    enum opk_status status;

    if (values->input_format && !reader)
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE, "unknown input format '%s'",
                        values->input_format);
    if (values->logs.count == 0)
        return OPK_OK;
    status = opk_sources_collect(values->logs.items, values->logs.count, OPK_SOURCES_BY_PATH,
                                 &notes, &t->sources, err);
    if (status != OPK_OK)
        return status;
    opk_progress_init(&progress, t->cli->err);
    status = opk_gather(&t->sources, reader, &limits, &progress, &t->gathered, err);
    for (size_t i = 0; status == OPK_OK && i < t->gathered.source_count; i++) {
        if (t->gathered.problems[i])
            note(t, t->gathered.problems[i]);
    }
    return status;
}

static enum opk_status explain(struct opk_cli *cli, const struct values *values, struct telling *t,
                               struct opk_err *err)
{
    enum opk_status status = opk_config_read(cli, &t->config, err);

    if (status == OPK_OK)
        status = opk_class_finder_new(t->config.classes, &t->steps.finder, err);
    if (status == OPK_OK)
        status = gather(values, t, err);

    if (status == OPK_OK)
        status = opk_model_new(t->gathered.summary, true, &t->model, err);
    if (status == OPK_OK && has_log(t))
        status = opk_modes_learn(t->model, t->gathered.summary, &t->modes, err);
    if (status == OPK_OK)
        status = read_registry(cli, values, t, err);
    if (status == OPK_OK)
        status = find_dialect(cli, values, t, err);
    if (status == OPK_OK)
        status = opk_steps_read(&t->steps, opk_str_of(cli->operands[0]), t->dialect, err);
    if (status != OPK_OK)
        return status;
    if (strcmp(values->format, "json") == 0)
        write_json(t);
    else
        write_text(t);
    return opk_cli_write(cli, &t->out, err);
}

static int run_explain(struct opk_cli *cli, const void *values)
{
    struct telling telling = {.cli = cli};
    struct opk_err err;
    enum opk_status status = explain(cli, values, &telling, &err);
    bool has_problem = telling.has_problem;

    telling_done(&telling);
    if (status != OPK_OK)
        return opk_cli_fail(cli, &err);
    return has_problem ? OPK_EXIT_INVALID : OPK_EXIT_OK;
}

const struct opk_verb OPK_VERB_EXPLAIN = {
    .name = "explain",
    .stage = "commands to drafts",
    .summary = "show a command's steps, words, classes, shape and kind",
    .operands = "COMMAND",
    .details =
        "COMMAND is one argument: quote it. Without a log the built-in tables alone say "
        "which words\nname operations. With --log the counts behind each word are told: how "
        "often it stands in its\nslot, and the bits that it costs as an operation word and "
        "as an argument; and the counts behind\neach option, which say whether it is a mode "
        "that splits drafts. With --registry, and\ninside a pattern repository, the registered "
        "kind that matches a step is told as well.",
    .opts = OPTS,
    .values_size = sizeof(struct values),
    .min_operands = 1,
    .max_operands = 1,
    .run = run_explain,
};
