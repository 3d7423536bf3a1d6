#include "cluster/naming.h"

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

void opk_name_id(struct opk_buf *out, struct opk_str signature, unsigned suffix)
{
    struct opk_split words = OPK_SPLIT(signature, ' ');
    struct opk_str word;
    size_t begin = out->len;
    char tail[16] = "";

    opk_buf_append_cstr(out, "OPK");
    while (opk_split_next(&words, &word)) {
        size_t len = out->len;
        opk_buf_append_byte(out, '-');
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

/* The name of a program or tool in words, where a table knows one: "delete (rm)". */
static void append_program(struct opk_buf *out, struct opk_str word)
{
    static const struct opk_str TOOL = OPK_STR_INIT("tool:");
    bool is_tool = opk_str_starts(word, TOOL);
    const char *name = find_verb(word);

    for (size_t i = 0; name && name[i] != '\0'; i++)
        opk_buf_append_byte(out, name[i] == '-' ? ' ' : opk_to_lower(name[i]));
    opk_buf_append_cstr(out, name ? " (" : "");
    opk_buf_append_cstr(out, is_tool ? "the tool " : "");
    opk_buf_append(out, is_tool ? opk_str_skip(word, TOOL.len) : word);
    opk_buf_append_cstr(out, name ? ")" : "");
}

void opk_name_summary(struct opk_buf *out, const struct opk_kind *kind)
{
    static const struct opk_str PIPE = OPK_STR_INIT("|");
    struct opk_split words = OPK_SPLIT(kind->signature, ' ');
    bool is_program = true;
    struct opk_str word;
    size_t begin = out->len;

    while (opk_split_next(&words, &word)) {
        if (out->len > begin)
            opk_buf_append_byte(out, ' ');
        if (opk_str_eq(word, PIPE))
            opk_buf_append_cstr(out, "piped into");
        else if (is_program)
            append_program(out, word);
        else
            opk_buf_append(out, word);
        is_program = opk_str_eq(word, PIPE);
    }
    if (out->len > begin + OPK_NAME_SUMMARY_MAX) {
        opk_buf_truncate(out, begin + OPK_NAME_SUMMARY_MAX);
        opk_buf_append_cstr(out, "...");
    }
    append_slots(out, kind);
}
