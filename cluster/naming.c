#include "cluster/naming.h"

#include "cluster/hints.h"

#include <stdio.h>
#include <string.h>

/* Programs and tools whose names say little. The whole word must match. */
static const struct {
    const char *word;
    const char *name;
} VERBS[] = {
    {"rm", "DELETE"},
    {"rmdir", "DELETE-DIR"},
    {"mkdir", "CREATE-DIR"},
    {"touch", "CREATE-FILE"},
    {"cp", "COPY"},
    {"mv", "MOVE"},
    {"ln", "LINK"},
    {"cat", "SHOW-FILE"},
    {"tee", "WRITE-FILE"},
    {">", "WRITE-FILE"},
    {">>", "APPEND-FILE"},
    {"chmod", "CHANGE-MODE"},
    {"chown", "CHANGE-OWNER"},
    {"ps", "LIST-PROCESSES"},
    {"kill", "STOP-PROCESS"},
    {"pkill", "STOP-PROCESS"},
    {"df", "SHOW-DISK-SPACE"},
    {"du", "SHOW-DISK-USE"},
    {"tool:Write", "WRITE-FILE"},
    {"tool:Edit", "EDIT-FILE"},
    {"tool:MultiEdit", "EDIT-FILE-MANY"},
    {"tool:Read", "READ-FILE"},
    {"tool:LS", "LIST-FILES"},
    {"tool:Glob", "FIND-FILES"},
    {"tool:Grep", "SEARCH-FILES"},
    {"tool:WebFetch", "FETCH-URL"},
    {"tool:WebSearch", "SEARCH-WEB"},
    {"tool:TodoWrite", "WRITE-TASK-LIST"},
    {"tool:Task", "START-TASK"},
    {"tool:NotebookEdit", "EDIT-NOTEBOOK"},
};

/* How a slot is said. The class without its file type must match. */
static const struct {
    const char *klass;
    const char *words;
} SLOTS[] = {
    {"path", "a path"},
    {"dir", "a folder"},
    {"glob", "a file pattern"},
    {"url", "a URL"},
    {"host", "a host"},
    {"ip", "an address"},
    {"port", "a port"},
    {"number", "a number"},
    {"size", "a size"},
    {"duration", "a duration"},
    {"date", "a date"},
    {"version", "a version"},
    {"hash", "a hash"},
    {"uuid", "a UUID"},
    {"ref", "a revision"},
    {"email", "a mail address"},
    {"json", "JSON"},
    {"pattern", "a pattern"},
    {"variable", "a variable"},
    {"text", "a text"},
    {"code", "code"},
    {"word", "a name"},
    {"output", "a command's output"},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Slots that a summary names. */
#define SUMMARY_SLOTS 2

/* Append a word in capitals; camel case and whatever is no letter or digit become hyphens. */
static void append_upper(struct opk_buf *out, struct opk_str word)
{
    for (size_t i = 0; i < word.len; i++) {
        char c = word.data[i];
        bool border = i > 0 && opk_is_upper(c) && opk_is_lower(word.data[i - 1]);
        bool ends = out->len > 0 && out->data[out->len - 1] == '-';
        if (border && !ends)
            opk_buf_append_byte(out, '-');
        if (opk_is_alnum(c))
            opk_buf_append_byte(out, opk_to_upper(c));
        else if (!ends && out->len > 0)
            opk_buf_append_byte(out, '-');
    }
}

/* The name that a table has for a word, or NULL. */
static const char *find_verb(struct opk_str word)
{
    for (size_t i = 0; i < COUNT(VERBS); i++) {
        if (opk_str_eq(word, opk_str_of(VERBS[i].word)))
            return VERBS[i].name;
    }
    return NULL;
}

static void append_word(struct opk_buf *out, struct opk_str word)
{
    static const struct opk_str PATH = OPK_STR_INIT("./");

    const char *name = find_verb(word);

    if (name)
        opk_buf_append_cstr(out, name);
    else
        append_upper(out, opk_str_starts(word, PATH) ? opk_str_skip(word, PATH.len) : word);
}

/* Cut an id back to len bytes, at a hyphen where there is one behind the prefix. */
static void cut_id(struct opk_buf *out, size_t begin, size_t len)
{
    static const size_t PREFIX = sizeof("OPK-") - 1;
    size_t end = begin + len;

    if (out->len > end) {
        while (end > begin + PREFIX && out->data[end] != '-')
            end--;
        opk_buf_truncate(out, end > begin + PREFIX ? end : begin + len);
    }
    while (out->len > begin && out->data[out->len - 1] == '-')
        opk_buf_truncate(out, out->len - 1);
}

/* The name that a table has for a mode flag at the end of a signature's command, or NULL. */
static const char *find_mode(struct opk_str signature, struct opk_str flag)
{
    size_t end = (size_t)(flag.data - signature.data);
    struct opk_str before = opk_str_trim_end(opk_str_slice(signature, 0, end));
    size_t bar = opk_str_rfind_byte(before, '|');

    if (flag.len < 2 || flag.data[0] != '-')
        return NULL;
    return opk_hint_mode(opk_str_trim(opk_str_skip(before, bar == OPK_NPOS ? 0 : bar + 1)), flag);
}

void opk_name_id(struct opk_buf *out, struct opk_str signature, unsigned suffix)
{
    struct opk_split words = OPK_SPLIT(signature, ' ');
    struct opk_str word;
    size_t begin = out->len;
    char tail[16] = "";

    opk_buf_append_cstr(out, "OPK");
    while (opk_split_next(&words, &word)) {
        const char *mode = find_mode(signature, word);
        size_t len = out->len;
        opk_buf_append_byte(out, '-');
        if (mode)
            opk_buf_append_cstr(out, mode);
        else
            append_word(out, word);
        /* A word without a letter or digit, such as |, leaves nothing. */
        if (out->len == len + 1)
            opk_buf_truncate(out, len);
    }
    if (suffix > 1)
        (void)snprintf(tail, sizeof(tail), "-%u", suffix);
    if (out->failed)
        return;
    cut_id(out, begin, OPK_NAME_ID_MAX - strlen(tail));
    if (out->len == begin + sizeof("OPK") - 1)
        opk_buf_append_cstr(out, "-KIND");
    opk_buf_append_cstr(out, tail);
}

/* ---- sequences ---- */

static const struct opk_str ARROW = OPK_STR_INIT(" > ");

/* What a step is called beside others. is_common: it stands in every second sequence. */
static const struct step_name {
    const char *step;
    const char *name;
    bool is_common;
} STEPS[] = {
    {"pytest", "TEST", false},         {"tool:Edit", "EDIT", true},
    {"tool:Glob", "FIND", true},       {"tool:Grep", "SEARCH", true},
    {"tool:LS", "LIST", true},         {"tool:MultiEdit", "EDIT", true},
    {"tool:Read", "READ", true},       {"tool:Task", "DELEGATE", false},
    {"tool:WebFetch", "FETCH", false}, {"tool:WebSearch", "SEARCH-WEB", false},
    {"tool:Write", "WRITE", false},
};

#define NAMED_STEPS_MAX 8

static const struct step_name *find_step(struct opk_str step)
{
    for (size_t i = 0; i < COUNT(STEPS); i++) {
        if (opk_str_eq(step, opk_str_of(STEPS[i].step)))
            return &STEPS[i];
    }
    return NULL;
}

/* The next step of a signature; false when there is none. */
static bool next_step(struct opk_str *rest, struct opk_str *out_step)
{
    size_t end = opk_str_find(*rest, ARROW, 0);

    if (rest->len == 0)
        return false;
    *out_step = opk_str_slice(*rest, 0, end);
    *rest = end == OPK_NPOS ? OPK_STR_EMPTY : opk_str_skip(*rest, end + ARROW.len);
    return true;
}

static struct opk_str first_word(struct opk_str step)
{
    return opk_str_slice(step, 0, opk_str_find_byte(step, ' ', 0));
}

/* Append a step; a program that the step before had as well is not said again. */
static void append_step(struct opk_buf *out, struct opk_str step, struct opk_str before)
{
    const struct step_name *known = find_step(step);
    struct opk_split words = OPK_SPLIT(step, ' ');
    struct opk_str word;

    if (known) {
        opk_buf_append_cstr(out, known->name);
        return;
    }
    if (opk_str_eq(first_word(step), first_word(before)) && !opk_str_eq(step, first_word(step)))
        (void)opk_split_next(&words, &word);
    while (opk_split_next(&words, &word)) {
        size_t len = out->len;
        if (len > 0 && out->data[len - 1] != '-')
            opk_buf_append_byte(out, '-');
        append_word(out, word);
    }
}

/* The name of the steps that are kept. */
static void append_steps(struct opk_buf *out, const struct opk_str *steps, const bool *kept,
                         size_t count)
{
    struct opk_str before = OPK_STR_EMPTY;

    opk_buf_append_cstr(out, "OPK-");
    for (size_t i = 0; i < count; i++) {
        if (!kept[i])
            continue;
        if (i > 0 && out->len > 0 && out->data[out->len - 1] != '-')
            opk_buf_append_byte(out, '-');
        opk_buf_append_cstr(out, i > 0 && i + 1 == count ? "THEN-" : "");
        append_step(out, steps[i], before);
        before = steps[i];
    }
}

/* Would the name fit with these steps? */
static bool steps_fit(const struct opk_str *steps, const bool *kept, size_t count, size_t max)
{
    struct opk_buf name = OPK_BUF_EMPTY;

    append_steps(&name, steps, kept, count);
    bool fits = name.len <= max;
    opk_buf_done(&name);
    return fits;
}

void opk_name_sequence_id(struct opk_buf *out, struct opk_str signature, unsigned suffix)
{
    struct opk_str steps[NAMED_STEPS_MAX];
    bool kept[NAMED_STEPS_MAX] = {false};
    size_t count = 0;
    char tail[16] = "";
    size_t begin = out->len;

    while (count < NAMED_STEPS_MAX && next_step(&signature, &steps[count]))
        count++;
    if (suffix > 1)
        (void)snprintf(tail, sizeof(tail), "-%u", suffix);
    size_t max = OPK_NAME_ID_MAX - strlen(tail);
    if (count > 0)
        kept[0] = kept[count - 1] = true;
    /* First those that tell one sequence from another. */
    for (unsigned common = 0; common < 2; common++) {
        for (size_t i = 1; i + 1 < count; i++) {
            const struct step_name *known = find_step(steps[i]);
            if ((known && known->is_common) != (common > 0))
                continue;
            kept[i] = true;
            kept[i] = steps_fit(steps, kept, count, max);
        }
    }
    append_steps(out, steps, kept, count);
    if (out->failed)
        return;
    cut_id(out, begin, max);
    if (out->len == begin + sizeof("OPK") - 1)
        opk_buf_append_cstr(out, "-SEQUENCE");
    opk_buf_append_cstr(out, tail);
}

/* {3}: "3 times"; {1,3}: "1 to 3 times". step loses its repetition. */
static void append_times(struct opk_buf *out, struct opk_str range)
{
    size_t comma = opk_str_find_byte(range, ',', 0);

    if (range.len == 0)
        return;
    opk_buf_append_byte(out, ' ');
    opk_buf_append(out, opk_str_slice(range, 0, comma));
    if (comma != OPK_NPOS) {
        opk_buf_append_cstr(out, " to ");
        opk_buf_append(out, opk_str_skip(range, comma + 1));
    }
    opk_buf_append_cstr(out, " times");
}

/* Take a repetition off the end of a step; returns what stands in its braces. */
static struct opk_str take_range(struct opk_str *step)
{
    struct opk_str range = OPK_STR_EMPTY;
    size_t open = step->len;

    if (step->len == 0 || step->data[step->len - 1] != '}')
        return range;
    while (open > 0 && step->data[open - 1] != '{')
        open--;
    if (open == 0)
        return range;
    range = opk_str_slice(*step, open, step->len - 1);
    *step = opk_str_slice(*step, 0, open - 1);
    return range;
}

/* "Write 1 to 3 times, then pytest" */
static void append_said(struct opk_buf *out, struct opk_str steps)
{
    static const struct opk_str TOOL = OPK_STR_INIT("tool:");
    struct opk_str step;
    bool is_first = true;

    while (next_step(&steps, &step)) {
        struct opk_str range = take_range(&step);
        opk_buf_append_cstr(out, is_first ? "" : steps.len > 0 ? ", " : ", then ");
        opk_buf_append(out, opk_str_starts(step, TOOL) ? opk_str_skip(step, TOOL.len) : step);
        append_times(out, range);
        is_first = false;
    }
}

static void name_sequence(struct opk_buf *out, const struct opk_kind *kind)
{
    size_t begin = out->len;
    struct opk_str whole = kind->shapes[0].text;
    struct opk_str range = OPK_STR_EMPTY;

    if (kind->step_count == 1) {
        range = take_range(&whole);
        whole = opk_str_slice(whole, 1, whole.len - 1); /* without parentheses */
    }
    append_said(out, whole);
    if (out->len > begin + OPK_NAME_SUMMARY_MAX) {
        opk_buf_truncate(out, begin + OPK_NAME_SUMMARY_MAX);
        opk_buf_append_cstr(out, "...");
    }
    if (range.len > 0) {
        opk_buf_append_cstr(out, ", all");
        append_times(out, range);
    }
}

/* The row of SLOTS that says a class; COUNT(SLOTS) when none does. */
static size_t find_slot_row(struct opk_str klass)
{
    size_t dot = opk_str_find_byte(klass, '.', 0);
    struct opk_str base = opk_str_slice(klass, 0, dot == OPK_NPOS ? klass.len : dot);
    size_t row = 0;

    while (row < COUNT(SLOTS) && !opk_str_eq(base, opk_str_of(SLOTS[row].klass)))
        row++;
    return row;
}

/* What most commands fill, most first, said once each: <path.c> and <path.h> are both paths. */
static void append_slots(struct opk_buf *out, const struct opk_kind *kind)
{
    uint64_t fills[COUNT(SLOTS) + 1] = {0};

    for (size_t i = 0; i < kind->slot_count; i++)
        fills[find_slot_row(kind->slots[i].klass)] += kind->slots[i].count;
    for (size_t said = 0; said < SUMMARY_SLOTS; said++) {
        size_t best = 0;
        for (size_t i = 1; i < COUNT(SLOTS); i++)
            best = fills[i] > fills[best] ? i : best;
        if (fills[best] == 0 || fills[best] * 2 < kind->evidence.commands)
            return;
        opk_buf_append_cstr(out, said == 0 ? " with " : " and ");
        opk_buf_append_cstr(out, SLOTS[best].words);
        fills[best] = 0;
    }
}

/* A part of an id in words; name may be NULL. */
static void append_lower(struct opk_buf *out, const char *name)
{
    for (size_t i = 0; name && name[i] != '\0'; i++)
        opk_buf_append_byte(out, name[i] == '-' ? ' ' : opk_to_lower(name[i]));
}

/* The name of a program or tool in words, where a table knows one: "delete (rm)". */
static void append_program(struct opk_buf *out, struct opk_str word)
{
    static const struct opk_str TOOL = OPK_STR_INIT("tool:");
    bool is_tool = opk_str_starts(word, TOOL);
    const char *name = find_verb(word);

    append_lower(out, name);
    opk_buf_append_cstr(out, name ? " (" : "");
    opk_buf_append_cstr(out, is_tool ? "the tool " : "");
    opk_buf_append(out, is_tool ? opk_str_skip(word, TOOL.len) : word);
    opk_buf_append_cstr(out, name ? ")" : "");
}

/* A word behind the program; a mode flag in words as well, where a table knows: "-x (extract)". */
static void append_mode(struct opk_buf *out, struct opk_str signature, struct opk_str word)
{
    const char *name = find_mode(signature, word);

    opk_buf_append(out, word);
    opk_buf_append_cstr(out, name ? " (" : "");
    append_lower(out, name);
    opk_buf_append_cstr(out, name ? ")" : "");
}

void opk_name_summary(struct opk_buf *out, const struct opk_kind *kind)
{
    static const struct opk_str PIPE = OPK_STR_INIT("|");
    struct opk_split words = OPK_SPLIT(kind->signature, ' ');
    bool is_program = true;
    struct opk_str word;
    size_t begin = out->len;

    if (kind->type == OPK_KIND_SEQUENCE) {
        name_sequence(out, kind);
        return;
    }
    while (opk_split_next(&words, &word)) {
        if (out->len > begin)
            opk_buf_append_byte(out, ' ');
        if (opk_str_eq(word, PIPE))
            opk_buf_append_cstr(out, "piped into");
        else if (is_program)
            append_program(out, word);
        else
            append_mode(out, kind->signature, word);
        is_program = opk_str_eq(word, PIPE);
    }
    if (out->len > begin + OPK_NAME_SUMMARY_MAX) {
        opk_buf_truncate(out, begin + OPK_NAME_SUMMARY_MAX);
        opk_buf_append_cstr(out, "...");
    }
    append_slots(out, kind);
}
