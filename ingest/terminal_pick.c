#include "base/mem.h"
#include "ingest/terminal_record.h"

#include <stdlib.h>
#include <string.h>

/* Programs that may show another shell's prompt. */
static const struct opk_str OPENERS[] = {
    OPK_STR_INIT("ssh"),        OPK_STR_INIT("su"),
    OPK_STR_INIT("sudo"),       OPK_STR_INIT("bash"),
    OPK_STR_INIT("sh"),         OPK_STR_INIT("zsh"),
    OPK_STR_INIT("fish"),       OPK_STR_INIT("dash"),
    OPK_STR_INIT("ksh"),        OPK_STR_INIT("tcsh"),
    OPK_STR_INIT("csh"),        OPK_STR_INIT("docker"),
    OPK_STR_INIT("podman"),     OPK_STR_INIT("kubectl"),
    OPK_STR_INIT("chroot"),     OPK_STR_INIT("newgrp"),
    OPK_STR_INIT("vagrant"),    OPK_STR_INIT("lxc"),
    OPK_STR_INIT("screen"),     OPK_STR_INIT("tmux"),
    OPK_STR_INIT("login"),      OPK_STR_INIT("telnet"),
    OPK_STR_INIT("mosh"),       OPK_STR_INIT("nix-shell"),
    OPK_STR_INIT("nix"),        OPK_STR_INIT("poetry"),
    OPK_STR_INIT("pipenv"),     OPK_STR_INIT("conda"),
    OPK_STR_INIT("source"),     OPK_STR_INIT("."),
    OPK_STR_INIT("exec"),       OPK_STR_INIT("script"),
    OPK_STR_INIT("reboot"),     OPK_STR_INIT("unshare"),
    OPK_STR_INIT("nsenter"),    OPK_STR_INIT("machinectl"),
    OPK_STR_INIT("exit"),       OPK_STR_INIT("logout"),
    OPK_STR_INIT("doas"),       OPK_STR_INIT("adb"),
    OPK_STR_INIT("gcloud"),     OPK_STR_INIT("toolbox"),
    OPK_STR_INIT("lxc-attach"), OPK_STR_INIT("systemd-nspawn"),
    OPK_STR_INIT("hostname"),   OPK_STR_INIT("hostnamectl"),
    OPK_STR_INIT("rsh"),        OPK_STR_INIT("distrobox"),
};

/* The last word of a command that only opens a shell. */
static const struct opk_str SHELLS[] = {
    OPK_STR_INIT("sh"),  OPK_STR_INIT("bash"), OPK_STR_INIT("dash"), OPK_STR_INIT("ash"),
    OPK_STR_INIT("ksh"), OPK_STR_INIT("zsh"),  OPK_STR_INIT("su"),   OPK_STR_INIT("-i"),
    OPK_STR_INIT("-s"),  OPK_STR_INIT("-"),
};

/* Words that leave a compound command open until their partner comes. */
static const struct opk_str COMPOUNDS[] = {
    OPK_STR_INIT("for"), OPK_STR_INIT("while"), OPK_STR_INIT("until"),
    OPK_STR_INIT("if"),  OPK_STR_INIT("case"),  OPK_STR_INIT("select"),
};
static const struct opk_str CLOSERS[] = {
    OPK_STR_INIT("done"),
    OPK_STR_INIT("fi"),
    OPK_STR_INIT("esac"),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What the pass over the records carries from one to the next. */
struct pass {
    struct opk_records *records;
    struct opk_prompts *prompts;
    const struct opk_record *owner;  /* the record of the last command, or NULL */
    const struct opk_record *prompt; /* the record of the last prompt */
    bool opener;                     /* the last command opens a shell */
    bool shell;                      /* its last word is a shell's name */
    bool has_where;
    struct opk_whereabouts where;       /* in store */
    struct opk_whereabouts given_where; /* the same, in given */
};

void opk_records_done(struct opk_records *records)
{
    opk_buf_done(&records->store);
    opk_buf_done(&records->given);
    free(records->lines);
    free(records->records);
    free(records->found);
    *records = (struct opk_records){0};
}

struct opk_str opk_range_text(const struct opk_buf *buf, struct opk_range range)
{
    return opk_str_slice(opk_buf_str(buf), range.begin, range.end);
}

struct opk_str opk_records_text(const struct opk_records *records, struct opk_range range)
{
    return opk_range_text(&records->store, range);
}

struct opk_range opk_records_keep(struct opk_records *records, struct opk_str text)
{
    const size_t begin = records->store.len;

    opk_buf_append(&records->store, text);
    return (struct opk_range){begin, records->store.len};
}

static bool one_of(const struct opk_str *table, size_t count, struct opk_str text)
{
    for (size_t i = 0; i < count; i++) {
        if (opk_str_eq(table[i], text))
            return true;
    }
    return false;
}

static bool opens_shell(struct opk_str text)
{
    struct opk_split words = OPK_SPLIT(text, ' ');
    struct opk_str word;

    while (opk_split_next(&words, &word)) {
        if (word.len > 0 && one_of(OPENERS, COUNT(OPENERS), word))
            return true;
    }
    return false;
}

/* "sh", "sudo -i", "docker exec -it box /bin/sh": no script to run, so a prompt comes next. */
static bool ends_in_shell(struct opk_str text)
{
    const size_t blank = opk_str_rfind_byte(text, ' ');
    struct opk_str word = blank == OPK_NPOS ? text : opk_str_skip(text, blank + 1);
    const size_t slash = opk_str_rfind_byte(word, '/');

    word = slash == OPK_NPOS ? word : opk_str_skip(word, slash + 1);
    return one_of(SHELLS, COUNT(SHELLS), word);
}

/* The end word of a here-document that begins at a "<<", or the empty view. */
static struct opk_str heredoc_word(struct opk_str rest)
{
    size_t begin = 0;
    size_t end;

    while (begin < rest.len &&
           (rest.data[begin] == '-' || opk_is_blank(rest.data[begin]) || rest.data[begin] == '\'' ||
            rest.data[begin] == '"' || rest.data[begin] == '\\'))
        begin++;
    for (end = begin; end < rest.len && (opk_is_alnum(rest.data[end]) || rest.data[end] == '_');)
        end++;
    return opk_str_slice(rest, begin, end);
}

static bool heredoc_is_open(struct opk_str text, size_t at)
{
    const struct opk_str word = heredoc_word(opk_str_skip(text, at));
    struct opk_split lines = OPK_SPLIT(opk_str_skip(text, at), '\n');
    struct opk_str line;
    bool first = true;

    if (word.len == 0)
        return false;
    while (opk_split_next(&lines, &line)) {
        if (!first && opk_str_eq(opk_str_trim(line), word))
            return false;
        first = false;
    }
    return true;
}

bool opk_shell_is_open(struct opk_str text)
{
    char quote = 0;
    int depth = 0;
    size_t word = 0;

    for (size_t i = 0; i <= text.len; i++) {
        const char c = i < text.len ? text.data[i] : '\n';
        if (quote) {
            if (c == '\\' && quote == '"')
                i++;
            else if (i < text.len && c == quote)
                quote = 0;
            continue;
        }
        if (c == '\\') {
            if (i + 1 >= text.len)
                return true;
            i++;
            continue;
        }
        if (opk_str_starts(opk_str_skip(text, i), OPK_STR("<<<"))) {
            i += 2;
            continue;
        }
        if (opk_str_starts(opk_str_skip(text, i), OPK_STR("<<")) && heredoc_is_open(text, i + 2))
            return true;
        if (c == '\'' || c == '"' || c == '`')
            quote = c;
        depth += c == '(' || c == '{' ? 1 : 0;
        depth -= c == ')' || c == '}' ? 1 : 0;
        if (!opk_is_space(c) && c != ';')
            continue;
        depth += one_of(COMPOUNDS, COUNT(COMPOUNDS), opk_str_slice(text, word, i)) ? 1 : 0;
        depth -= one_of(CLOSERS, COUNT(CLOSERS), opk_str_slice(text, word, i)) ? 1 : 0;
        word = i + 1;
    }
    const struct opk_str bare = opk_str_trim(text);
    return quote != 0 || depth > 0 || opk_str_ends(bare, OPK_STR("|")) ||
           opk_str_ends(bare, OPK_STR("&&"));
}

static struct opk_prompt_line line_of(const struct pass *pass, const struct opk_record *record,
                                      unsigned index)
{
    const struct opk_kept_line *kept = &pass->records->lines[record->first_line + index];
    struct opk_prompt_line line = kept->line;

    line.text = opk_records_text(pass->records, kept->text);
    if (pass->opener)
        line.signs |= OPK_PROMPT_AFTER_OPENER;
    if (pass->shell && pass->owner && pass->owner->lines_after == 0)
        line.signs |= OPK_PROMPT_AFTER_SHELL;
    return line;
}

static enum opk_status learn(const struct pass *pass, struct opk_err *err)
{
    for (size_t i = 0; i < pass->records->count; i++) {
        const struct opk_record *record = &pass->records->records[i];
        for (unsigned j = 0; j < record->line_count; j++) {
            const struct opk_prompt_line line = line_of(pass, record, j);
            enum opk_status status = opk_prompts_see(pass->prompts, &line, err);
            if (status != OPK_OK)
                return status;
        }
    }
    opk_prompts_settle(pass->prompts);
    return OPK_OK;
}

/* Give a text of the store. */
static struct opk_range give(struct opk_records *records, struct opk_str text)
{
    const size_t begin = records->given.len;

    opk_buf_append(&records->given, text);
    return (struct opk_range){begin, records->given.len};
}

static void cut_text(struct opk_found *found)
{
    if (found->text.end - found->text.begin > OPK_COMMAND_TEXT_MAX) {
        found->text.end = found->text.begin + OPK_COMMAND_TEXT_MAX;
        found->flags |= OPK_COMMAND_TRUNCATED;
    }
}

/* Whereabouts change rarely: what was given last is given again. */
static struct opk_whereabouts give_where(struct pass *pass, const struct opk_whereabouts *where)
{
    struct opk_records *records = pass->records;

    if (!pass->has_where || pass->where.cwd.begin != where->cwd.begin ||
        pass->where.user.end != where->user.end) {
        pass->has_where = true;
        pass->where = *where;
        pass->given_where = (struct opk_whereabouts){
            .cwd = give(records, opk_records_text(records, where->cwd)),
            .host = give(records, opk_records_text(records, where->host)),
            .user = give(records, opk_records_text(records, where->user)),
        };
    }
    return pass->given_where;
}

/* Make the text that given ends with a command. */
static enum opk_status emit(struct pass *pass, const struct opk_record *record, size_t begin,
                            struct opk_err *err)
{
    struct opk_records *records = pass->records;
    const struct opk_range text = {begin, records->given.len};
    struct opk_found *grown =
        opk_grow(records->found, &records->found_cap, records->found_count + 1, sizeof(*grown));

    if (!grown)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a command");
    records->found = grown;
    struct opk_found *found = &grown[records->found_count++];
    *found = (struct opk_found){
        .text = text,
        .tier = record->tier,
        .where = give_where(pass, &record->where),
        .time = record->time,
        .duration = record->end_time != OPK_UNKNOWN && record->time != OPK_UNKNOWN
                        ? record->end_time - record->time
                        : OPK_UNKNOWN,
        .exit_status = record->exit_status,
        .output_bytes = OPK_UNKNOWN,
        .at = record->at,
    };
    cut_text(found);
    pass->owner = record;
    pass->opener = opens_shell(opk_range_text(&records->given, found->text));
    pass->shell = ends_in_shell(opk_range_text(&records->given, found->text));
    return OPK_OK;
}

/* A prompt came: the command before it has ended. */
static void end_last(struct pass *pass, const struct opk_record *record)
{
    if (!pass->owner || pass->records->found_count == 0)
        return;
    struct opk_found *found = &pass->records->found[pass->records->found_count - 1];
    if (found->output_bytes == OPK_UNKNOWN && record->prompt_byte >= pass->owner->enter_byte)
        found->output_bytes = (int64_t)(record->prompt_byte - pass->owner->enter_byte);
    if (found->duration == OPK_UNKNOWN && record->prompt_time != OPK_UNKNOWN &&
        found->time != OPK_UNKNOWN && record->prompt_time >= found->time)
        found->duration = record->prompt_time - found->time;
}

/* The first visible line behind a record. */
static struct opk_str line_after(const struct pass *pass, const struct opk_record *record)
{
    return opk_str_trim(opk_records_text(pass->records, record->after));
}

/*
 * For ^D a shell prints "exit" at its prompt; for a typed one it prints another line. Where times
 * are known, a typed word has pauses in it.
 */
static bool is_end_of_input(const struct pass *pass, const struct opk_record *record,
                            const struct opk_prompt_line *line, size_t end, struct opk_str text)
{
    const struct opk_str after = line_after(pass, record);
    const struct opk_str prompt = opk_str_trim(opk_str_slice(line->text, 0, end));

    if (record->tier != OPK_TIER_PROMPT || line->signs & OPK_PROMPT_EDITED)
        return false;
    if (!opk_str_eq(text, OPK_STR("exit")) && !opk_str_eq(text, OPK_STR("logout")))
        return false;
    for (unsigned i = 0; i < line->pause_count; i++) {
        if (line->pauses[i] > end && line->pauses[i] < end + text.len)
            return false;
    }
    if (!(line->signs & OPK_PROMPT_TIMED) &&
        (prompt.len < 3 ||
         (!opk_str_ends(prompt, OPK_STR("$")) && !opk_str_ends(prompt, OPK_STR("#")))))
        return false;
    return !opk_str_starts(after, OPK_STR("exit")) && !opk_str_starts(after, OPK_STR("logout")) &&
           !opk_str_starts(after, OPK_STR("Connection to"));
}

/* Give the text of a command that a prompt line and the lines below it hold: where it begins. */
static size_t gather(struct pass *pass, const struct opk_record *record, unsigned index, size_t end)
{
    struct opk_buf *given = &pass->records->given;
    const size_t begin = given->len;

    opk_buf_append(given, opk_str_trim_end(opk_str_skip(line_of(pass, record, index).text, end)));
    for (unsigned i = index + 1; i < record->line_count; i++) {
        opk_buf_append_byte(given, '\n');
        opk_buf_append(given, opk_str_trim_end(line_of(pass, record, i).text));
    }
    while (given->len > begin && opk_is_space(given->data[given->len - 1]))
        opk_buf_truncate(given, given->len - 1);
    return begin;
}

/* Where the prompt of a continued line ends at the start of a record; OPK_NPOS: it has none. */
static size_t continuation_end(const struct pass *pass, const struct opk_record *record)
{
    if (record->line_count == 0)
        return OPK_NPOS;
    const struct opk_prompt_line line = line_of(pass, record, 0);
    size_t end = line.end;
    if (end == OPK_NPOS) {
        end = opk_str_find(line.text, OPK_STR("> "), 0);
        if (end == OPK_NPOS && !opk_str_eq(line.text, OPK_STR(">")))
            return OPK_NPOS;
        end = end == OPK_NPOS ? 1 : end + 2;
    }
    return opk_prompt_is_continuation(opk_str_slice(line.text, 0, end)) ? end : OPK_NPOS;
}

/* A shell that marks where commands start did not do so: the line was dropped. */
static bool is_dropped(const struct pass *pass, size_t index)
{
    const struct opk_records *records = pass->records;
    const struct opk_record *record = &records->records[index];

    return record->tier == OPK_TIER_OSC_MARKS && records->has_starts && !record->started &&
           (index + 1 >= records->count ||
            continuation_end(pass, &records->records[index + 1]) == OPK_NPOS);
}

/* A continued line: the shell asked for more right below an open command. */
static bool continues(struct pass *pass, const struct opk_record *record)
{
    if (!pass->prompt || !pass->owner || pass->prompt != pass->owner ||
        pass->owner->lines_after > 0 || record->line_count == 0 || pass->owner->exact)
        return false;
    struct opk_found *found = &pass->records->found[pass->records->found_count - 1];
    struct opk_buf *given = &pass->records->given;
    const struct opk_prompt_line line = line_of(pass, record, 0);
    const size_t end = continuation_end(pass, record);
    if (end == OPK_NPOS || !opk_shell_is_open(opk_range_text(given, found->text)))
        return false;
    /* The text may no longer be the last that was given. */
    const size_t begin = given->len;
    if (opk_buf_reserve(given, found->text.end - found->text.begin))
        opk_buf_append(given, opk_range_text(given, found->text));
    opk_buf_append_byte(given, '\n');
    opk_buf_append(given, opk_str_trim_end(opk_str_skip(line.text, end)));
    found->text = (struct opk_range){begin, given->len};
    cut_text(found);
    return true;
}

/* Completions were listed: the list's words go on where the line stopped. */
static bool is_list_of(struct opk_str listed, struct opk_str text)
{
    size_t begin = text.len;

    while (begin > 0 && !opk_is_space(text.data[begin - 1]) && text.data[begin - 1] != '/')
        begin--;
    const struct opk_str stem = opk_str_skip(text, begin);
    return opk_str_starts(listed, stem) || opk_str_starts(listed, OPK_STR("Display all "));
}

/* Was a line that begins with [0, end) painted at once, and not typed behind its prompt? */
static bool is_painted(const struct opk_prompt_line *line, size_t prompt_end, size_t end)
{
    for (unsigned i = 0; i < line->pause_count; i++) {
        if (line->pauses[i] >= prompt_end && line->pauses[i] < end)
            return false;
    }
    return true;
}

/*
 * Where nothing marks the editor, a line that ended only to list completions comes again below
 * the list, with what was typed so far.
 */
static bool is_unfinished(const struct pass *pass, size_t index, const struct opk_prompt_line *line,
                          size_t prompt_end)
{
    const struct opk_record *record = &pass->records->records[index];
    const struct opk_str text = opk_str_skip(line->text, prompt_end);
    const bool timed = (line->signs & OPK_PROMPT_TIMED) != 0;

    if (record->tier != OPK_TIER_PROMPT || record->lines_after == 0 || text.len == 0 ||
        !is_list_of(line_after(pass, record), text))
        return false;
    /* Behind a blank anything may be listed: only the time tells. */
    if (text.data[text.len - 1] == ' ' && !timed)
        return false;
    for (size_t i = index + 1; i < pass->records->count && i <= index + 3; i++) {
        const struct opk_record *next = &pass->records->records[i];
        for (unsigned j = 0; j < next->line_count; j++) {
            const struct opk_prompt_line again = line_of(pass, next, j);
            if (opk_str_starts(again.text, line->text))
                return is_painted(&again, prompt_end, line->text.len) &&
                       (timed || again.text.len > line->text.len);
        }
        if (next->lines_after > 0)
            return false;
    }
    return false;
}

static enum opk_status pick_line(struct pass *pass, size_t index, unsigned line_index,
                                 struct opk_prompt_place place, struct opk_err *err)
{
    struct opk_record *record = &pass->records->records[index];
    struct opk_buf *given = &pass->records->given;
    const size_t begin = gather(pass, record, line_index, place.end);
    const struct opk_str text = opk_str_trim(opk_str_skip(opk_buf_str(given), begin));
    const struct opk_prompt_line line = line_of(pass, record, line_index);

    end_last(pass, record);
    pass->prompt = record;
    pass->owner = NULL;
    if (!record->run || text.len == 0 || opk_str_ends(text, OPK_STR("^C")) ||
        is_dropped(pass, index) || is_end_of_input(pass, record, &line, place.end, text) ||
        is_unfinished(pass, index, &line, place.end)) {
        opk_buf_truncate(given, begin);
        return OPK_OK;
    }
    return emit(pass, record, begin, err);
}

static enum opk_status pick_record(struct pass *pass, size_t index, struct opk_err *err)
{
    struct opk_record *record = &pass->records->records[index];
    struct opk_prompt_place place;

    if (record->exact) {
        const struct opk_str text = opk_records_text(pass->records, record->stated);
        end_last(pass, record);
        pass->prompt = record;
        if (opk_str_trim(text).len == 0)
            return OPK_OK;
        return emit(pass, record, give(pass->records, text).begin, err);
    }
    if (continues(pass, record)) {
        pass->owner = pass->prompt = record;
        return OPK_OK;
    }
    for (unsigned i = record->line_count; i > 0; i--) {
        const struct opk_prompt_line line = line_of(pass, record, i - 1);
        if (opk_prompts_find(pass->prompts, &line, &place))
            return pick_line(pass, index, i - 1, place, err);
    }
    return OPK_OK;
}

enum opk_status opk_records_pick(struct opk_records *records, struct opk_prompts *prompts,
                                 struct opk_err *err)
{
    struct pass pass = {.records = records, .prompts = prompts};
    enum opk_status status = learn(&pass, err);

    for (size_t i = 0; i < records->count && status == OPK_OK; i++)
        status = pick_record(&pass, i, err);
    if (status == OPK_OK)
        status = opk_prompts_check(prompts, err);
    if (status == OPK_OK)
        status = opk_buf_check(&records->store, err);
    return status == OPK_OK ? opk_buf_check(&records->given, err) : status;
}
