#include "ingest/prompt.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Signs are worth points; a family is believed from BELIEVED on. */
enum {
    POINTS_EDITOR = 4,
    POINTS_FIRST = 3,
    POINTS_PAUSE = 3,
    POINTS_NO_PAUSE = -3,
    POINTS_ANCHOR = 3,
    POINTS_FORM = 3,
    POINTS_EDITED = 1,
    POINTS_EMPTY = 1,
    POINTS_LAST = 2,
    POINTS_COLOUR = 1,
    BELIEVED = 4,
    BARE_MAX = 3, /* bytes of a prompt that is a glyph and no more */
};

struct family {
    int64_t points;
    uint64_t lines;
    bool strong; /* one line at least shows that an editor waited, or a shell's own form */
    bool believed;
    bool shell;  /* it looks like a shell's, or a shell marked it */
    bool marked; /* seen behind a mark of a line editor */
    bool hosts;  /* has user@host: each pair is checked by itself */
};

struct opk_prompts {
    struct opk_map *keys;
    struct family *families; /* by index of keys */
    size_t family_cap;
    struct opk_map *exact; /* prompts found, as they were */
    uint32_t shell;        /* the first family, or UINT32_MAX */
    uint32_t inner;        /* the family of the nested shell we are in, or UINT32_MAX */
    bool shell_is_marked;  /* the first shell marks its line editor */
    bool shell_has_end;    /* and tells where its prompt ends */
    struct opk_buf key;
    bool failed; /* there was no memory while a line was looked up */
};

/* One way to read a line. */
struct reading {
    size_t begin;
    size_t end;
};

static const struct opk_str GLYPHS[] = {
    OPK_STR_INIT("$"),
    OPK_STR_INIT("#"),
    OPK_STR_INIT("%"),
    OPK_STR_INIT(">"),
    OPK_STR_INIT("\xE2\x9D\xAF"),
    OPK_STR_INIT("\xE2\x9E\x9C"),
    OPK_STR_INIT("\xC2\xBB"),
    OPK_STR_INIT("\xCE\xBB"),
    OPK_STR_INIT("\xE2\x86\x92"),
    OPK_STR_INIT("\xE2\x96\xB6"),
    OPK_STR_INIT("\xE2\x9C\x97"),
    OPK_STR_INIT("\xE2\x9C\x98"),
    OPK_STR_INIT("\xEE\x82\xB0"),
    OPK_STR_INIT("\xEE\x82\xB4"),
    OPK_STR_INIT("\xE2\x80\xBA"),
    OPK_STR_INIT("\xE2\x96\xB8"),
    OPK_STR_INIT("\xE2\x9A\xA1"),
};

#define NBSP OPK_STR("\xC2\xA0")

/* Prompts of programs that read lines and are not shells, by how they begin. */
static const struct opk_str REPLS[] = {
    OPK_STR_INIT(">>>"),      OPK_STR_INIT("..."),        OPK_STR_INIT("In ["),
    OPK_STR_INIT("Out["),     OPK_STR_INIT("mysql>"),     OPK_STR_INIT("sqlite>"),
    OPK_STR_INIT("ftp>"),     OPK_STR_INIT("sftp>"),      OPK_STR_INIT("(gdb)"),
    OPK_STR_INIT("(lldb)"),   OPK_STR_INIT("(Pdb)"),      OPK_STR_INIT("ipdb>"),
    OPK_STR_INIT("irb("),     OPK_STR_INIT("pry("),       OPK_STR_INIT("gnuplot>"),
    OPK_STR_INIT("scala>"),   OPK_STR_INIT("julia>"),     OPK_STR_INIT("ghci>"),
    OPK_STR_INIT("Prelude>"), OPK_STR_INIT("iex("),       OPK_STR_INIT("MariaDB ["),
    OPK_STR_INIT("octave:"),  OPK_STR_INIT("jshell>"),    OPK_STR_INIT("php >"),
    OPK_STR_INIT("user=>"),   OPK_STR_INIT("SQL>"),       OPK_STR_INIT("telnet>"),
    OPK_STR_INIT("hive>"),    OPK_STR_INIT("cqlsh>"),     OPK_STR_INIT("(reverse-i-search)"),
    OPK_STR_INIT("(failed "), OPK_STR_INIT("(i-search)"),
};

/* How zsh names what is still open in its continuation prompt. */
static const struct opk_str OPEN_WORDS[] = {
    OPK_STR_INIT("dquote"),     OPK_STR_INIT("quote"),     OPK_STR_INIT("bquote"),
    OPK_STR_INIT("cmdsubst"),   OPK_STR_INIT("for"),       OPK_STR_INIT("while"),
    OPK_STR_INIT("until"),      OPK_STR_INIT("if"),        OPK_STR_INIT("then"),
    OPK_STR_INIT("else"),       OPK_STR_INIT("elif"),      OPK_STR_INIT("case"),
    OPK_STR_INIT("select"),     OPK_STR_INIT("pipe"),      OPK_STR_INIT("cmdand"),
    OPK_STR_INIT("cmdor"),      OPK_STR_INIT("cursh"),     OPK_STR_INIT("subsh"),
    OPK_STR_INIT("function"),   OPK_STR_INIT("array"),     OPK_STR_INIT("heredoc"),
    OPK_STR_INIT("braceparam"), OPK_STR_INIT("mathsubst"), OPK_STR_INIT("repeat"),
    OPK_STR_INIT("foreach"),    OPK_STR_INIT("dquote>"),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool one_of(const struct opk_str *table, size_t count, struct opk_str text)
{
    for (size_t i = 0; i < count; i++) {
        if (opk_str_eq(table[i], text))
            return true;
    }
    return false;
}

/* Bytes of blanks at a place; a no-break space counts. */
static size_t blanks_at(struct opk_str text, size_t at)
{
    size_t end = at;

    while (end < text.len) {
        if (opk_is_blank(text.data[end]))
            end++;
        else if (opk_str_starts(opk_str_skip(text, end), NBSP))
            end += NBSP.len;
        else
            break;
    }
    return end - at;
}

/* Bytes of a glyph at a place, or 0. */
static size_t glyph_at(struct opk_str text, size_t at)
{
    const struct opk_str rest = opk_str_skip(text, at);

    for (size_t i = 0; i < COUNT(GLYPHS); i++) {
        if (opk_str_starts(rest, GLYPHS[i]))
            return GLYPHS[i].len;
    }
    return 0;
}

static struct opk_str trim_end(struct opk_str text)
{
    for (;;) {
        if (text.len > 0 && opk_is_space(text.data[text.len - 1]))
            text.len--;
        else if (opk_str_ends(text, NBSP))
            text.len -= NBSP.len;
        else
            return text;
    }
}

static bool ends_with_glyph(struct opk_str prompt)
{
    prompt = trim_end(prompt);
    for (size_t i = 0; i < COUNT(GLYPHS); i++) {
        if (opk_str_ends(prompt, GLYPHS[i]))
            return true;
    }
    return false;
}

static bool is_name_byte(char c)
{
    return opk_is_alnum(c) || c == '_' || c == '.' || c == '-' || (unsigned char)c >= 0x80;
}

/* The first user@host in a text; false when there is none. */
static bool find_host(struct opk_str text, size_t *out_begin, size_t *out_end)
{
    size_t at = opk_str_find_byte(text, '@', 0);

    for (; at != OPK_NPOS; at = opk_str_find_byte(text, '@', at + 1)) {
        size_t begin = at;
        size_t end = at + 1;
        while (begin > 0 && is_name_byte(text.data[begin - 1]) &&
               (unsigned char)text.data[begin - 1] < 0x80)
            begin--;
        while (end < text.len && is_name_byte(text.data[end]) &&
               (unsigned char)text.data[end] < 0x80)
            end++;
        if (begin < at && end > at + 1) {
            *out_begin = begin;
            *out_end = end;
            return true;
        }
    }
    return false;
}

static bool is_path_byte(char c)
{
    return is_name_byte(c) || c == '/' || c == '~' || c == '\\' || c == '+' || c == ',';
}

/* A run of path bytes that has a slash, a tilde or a drive: where it ends, or at. */
static size_t path_end(struct opk_str text, size_t at)
{
    size_t end = at;
    bool path = false;

    if (at + 2 < text.len && opk_is_alpha(text.data[at]) && text.data[at + 1] == ':' &&
        text.data[at + 2] == '\\') {
        end = at + 2;
        while (end < text.len && text.data[end] != '>')
            end++;
        return end;
    }
    while (end < text.len && is_path_byte(text.data[end])) {
        path |= text.data[end] == '/' || text.data[end] == '~' || text.data[end] == '\\';
        end++;
    }
    return path ? end : at;
}

/* A shell's default: name-1.2$ */
static bool has_version_form(struct opk_str prompt)
{
    const size_t dash = opk_str_find_byte(prompt, '-', 0);
    size_t at = dash + 1;

    if (dash == OPK_NPOS || dash == 0 || dash > 8)
        return false;
    for (size_t i = 0; i < dash; i++) {
        if (!opk_is_alpha(prompt.data[i]))
            return false;
    }
    while (at < prompt.len && (opk_is_digit(prompt.data[at]) || prompt.data[at] == '.'))
        at++;
    return at > dash + 2 && at < prompt.len && (prompt.data[at] == '$' || prompt.data[at] == '#');
}

/* The usual forms of a shell's prompt, which are a sign by themselves. */
static bool has_shell_form(struct opk_str prompt)
{
    size_t begin;
    size_t end;
    const struct opk_str bare = trim_end(prompt);

    if (has_version_form(bare))
        return true;
    if (!ends_with_glyph(bare))
        return false;
    if (find_host(bare, &begin, &end))
        return begin < 64;
    return opk_str_starts(bare, OPK_STR("PS ")) && path_end(bare, 3) > 3;
}

bool opk_prompt_is_repl(struct opk_str prompt)
{
    const struct opk_str bare = trim_end(prompt);

    for (size_t i = 0; i < COUNT(REPLS); i++) {
        if (opk_str_starts(bare, REPLS[i]))
            return true;
    }
    /* psql: name=> name=# name-# */
    return bare.len > 2 && (bare.data[bare.len - 1] == '>' || bare.data[bare.len - 1] == '#') &&
           (bare.data[bare.len - 2] == '=' || bare.data[bare.len - 2] == '-') &&
           opk_is_alnum(bare.data[0]);
}

bool opk_prompt_is_continuation(struct opk_str prompt)
{
    struct opk_str bare = trim_end(prompt);

    if (bare.len == 0 || bare.data[bare.len - 1] != '>')
        return false;
    bare.len--;
    struct opk_split words = OPK_SPLIT(bare, ' ');
    struct opk_str word;
    while (opk_split_next(&words, &word)) {
        if (word.len > 0 && !one_of(OPEN_WORDS, COUNT(OPEN_WORDS), word))
            return false;
    }
    return true;
}

/* May a shell that is not the session's first one show this? */
static bool looks_like_shell(struct opk_str prompt)
{
    const struct opk_str bare = trim_end(prompt);
    char last;

    if (bare.len == 0 || opk_prompt_is_repl(bare) || opk_prompt_is_continuation(bare))
        return false;
    if (has_shell_form(bare))
        return true;
    last = bare.data[bare.len - 1];
    if (last == '>')
        return opk_str_find_byte(bare, '/', 0) != OPK_NPOS ||
               opk_str_find_byte(bare, '~', 0) != OPK_NPOS ||
               opk_str_find_byte(bare, '\\', 0) != OPK_NPOS;
    return ends_with_glyph(bare);
}

/*
 * The family of a prompt: users, hosts, paths and digits masked. Words are masked too where the
 * rest tells enough (a host, a path, a glyph outside ASCII): there they are folders and branches.
 */
static void mask(struct opk_prompts *prompts, struct opk_str prompt)
{
    struct opk_buf *key = &prompts->key;
    size_t host_begin = prompt.len;
    size_t host_end = prompt.len;
    bool words = find_host(prompt, &host_begin, &host_end);

    for (size_t i = 0; i < prompt.len; i++)
        words |= prompt.data[i] == '/' || prompt.data[i] == '~' || (prompt.data[i] & 0x80);
    opk_buf_clear(key);
    for (size_t at = 0; at < prompt.len;) {
        const size_t path = path_end(prompt, at);
        const char c = prompt.data[at];
        size_t end = at + 1;
        if (at == host_begin) {
            opk_buf_append_byte(key, '@');
            end = host_end;
        } else if (path > at) {
            opk_buf_append_byte(key, words ? 'w' : 'p');
            end = path;
        } else if (blanks_at(prompt, at) > 0) {
            opk_buf_append_byte(key, ' ');
            end = at + blanks_at(prompt, at);
        } else if (opk_is_alnum(c) && words) {
            while (end < prompt.len && is_name_byte(prompt.data[end]) &&
                   (unsigned char)prompt.data[end] < 0x80)
                end++;
            opk_buf_append_byte(key, 'w');
        } else if (opk_is_digit(c)) {
            while (end < prompt.len && opk_is_digit(prompt.data[end]))
                end++;
            opk_buf_append_byte(key, '0');
        } else {
            opk_buf_append_byte(key, c == '#' ? '$' : c);
        }
        at = end;
    }
}

/* Places where a prompt may end, behind its glyph and blank, the earliest first. */
static size_t find_ends(const struct opk_prompt_line *line, size_t ends[OPK_PROMPT_ENDS])
{
    const struct opk_str text = opk_str_slice(line->text, 0, OPK_PROMPT_MAX);
    size_t count = 0;

    if (line->end != OPK_NPOS) {
        ends[0] = line->end;
        return 1;
    }
    /* Colours end behind the glyph, or between it and the blank. */
    for (size_t at = 0; at < text.len && count < OPK_PROMPT_ENDS; at++) {
        const size_t glyph = glyph_at(text, at);
        if (glyph == 0)
            continue;
        const size_t blank = blanks_at(text, at + glyph);
        const size_t step = blank > 1 && opk_is_blank(text.data[at + glyph]) ? 1 : blank;
        const bool drive = text.data[at] == '>' && at > 2 && text.data[1] == ':';
        if (blank == 0 && at + glyph < text.len && !drive)
            continue;
        if (at + glyph + blank >= line->floor)
            ends[count++] = at + glyph + (text.len - at - glyph > blank ? step : blank);
    }
    /* A prompt without a glyph ends where its colours end, behind a blank. */
    if (count == 0 && line->floor > 1 && line->floor <= text.len) {
        const size_t end = line->floor + blanks_at(text, line->floor);
        if (opk_is_blank(text.data[end - 1]) || opk_str_ends(opk_str_slice(text, 0, end), NBSP))
            ends[count++] = end;
    }
    return count;
}

/* Places where a prompt may begin: the line's start, or behind output without a newline. */
static size_t find_begins(const struct opk_prompt_line *line, size_t end, size_t begins[4])
{
    size_t count = 0;
    size_t host;
    size_t host_end;
    const struct opk_str text = opk_str_slice(line->text, 0, end);

    if (line->anchor != OPK_NPOS && line->anchor < end)
        begins[count++] = line->anchor;
    begins[count++] = 0;
    if (line->first != OPK_NPOS && line->first < end && line->first > 0)
        begins[count++] = line->first;
    if (find_host(text, &host, &host_end) && host > 0) {
        const char before = text.data[host - 1];
        begins[count++] = before == '[' || before == '(' ? host - 1 : host;
    }
    return count;
}

/* Did the output pause where a reading of the line ends the prompt, or just before its blank? */
static bool is_paused(const struct opk_prompt_line *line, struct reading reading)
{
    for (unsigned i = 0; i < line->pause_count; i++) {
        if (line->pauses[i] <= reading.end &&
            trim_end(opk_str_slice(line->text, line->pauses[i], reading.end)).len == 0)
            return true;
    }
    return line->end != OPK_NPOS;
}

static int score(const struct opk_prompt_line *line, struct reading reading)
{
    const struct opk_str prompt = opk_str_slice(line->text, reading.begin, reading.end);
    const bool empty = trim_end(opk_str_skip(line->text, reading.end)).len == 0;
    int points = 0;

    points += line->signs & OPK_PROMPT_EDITOR ? POINTS_EDITOR : 0;
    points += line->signs & OPK_PROMPT_FIRST ? POINTS_FIRST : 0;
    points += line->signs & OPK_PROMPT_EDITED ? POINTS_EDITED : 0;
    points += line->signs & OPK_PROMPT_LAST ? POINTS_LAST : 0;
    points += empty ? POINTS_EMPTY : 0;
    points += line->anchor == reading.begin ? POINTS_ANCHOR : 0;
    points += line->floor > 0 && reading.end - line->floor <= 2 ? POINTS_COLOUR : 0;
    points += has_shell_form(prompt) ? POINTS_FORM : 0;
    if (is_paused(line, reading))
        points += POINTS_PAUSE;
    else if (line->signs & OPK_PROMPT_TIMED && !empty)
        points += POINTS_NO_PAUSE;
    return points;
}

/* A sign that printed text does not have by chance, however often it recurs. */
static bool is_strong(const struct opk_prompt_line *line, struct reading reading)
{
    return (line->signs & (OPK_PROMPT_EDITOR | OPK_PROMPT_SHELL | OPK_PROMPT_FIRST)) != 0 ||
           line->anchor == reading.begin || is_paused(line, reading) ||
           has_shell_form(opk_str_slice(line->text, reading.begin, reading.end));
}

enum opk_status opk_prompts_new(struct opk_prompts **out_prompts, struct opk_err *err)
{
    struct opk_prompts *prompts = calloc(1, sizeof(*prompts));

    if (!prompts)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for prompts");
    prompts->shell = prompts->inner = UINT32_MAX;
    enum opk_status status = opk_map_new(&prompts->keys, err);
    if (status == OPK_OK)
        status = opk_map_new(&prompts->exact, err);
    if (status != OPK_OK) {
        opk_prompts_free(prompts);
        return status;
    }
    *out_prompts = prompts;
    return OPK_OK;
}

void opk_prompts_free(struct opk_prompts *prompts)
{
    if (!prompts)
        return;
    opk_map_free(prompts->keys);
    opk_map_free(prompts->exact);
    opk_buf_done(&prompts->key);
    free(prompts->families);
    free(prompts);
}

static enum opk_status see_reading(struct opk_prompts *prompts, const struct opk_prompt_line *line,
                                   struct reading reading, struct opk_err *err)
{
    const struct opk_str prompt = opk_str_slice(line->text, reading.begin, reading.end);
    uint32_t index;
    bool is_new;

    mask(prompts, prompt);
    if (opk_map_count(prompts->keys) >= OPK_PROMPT_FAMILIES &&
        !opk_map_find(prompts->keys, opk_buf_str(&prompts->key), NULL))
        return OPK_OK;
    enum opk_status status = opk_buf_check(&prompts->key, err);
    if (status == OPK_OK)
        status = opk_map_add(prompts->keys, opk_buf_str(&prompts->key), &index, &is_new, err);
    if (status != OPK_OK)
        return status;
    if (is_new) {
        struct family *grown =
            opk_grow(prompts->families, &prompts->family_cap, (size_t)index + 1, sizeof(*grown));
        if (!grown)
            return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a family of prompts");
        prompts->families = grown;
        size_t begin;
        size_t end;
        grown[index] = (struct family){.shell = looks_like_shell(prompt),
                                       .hosts = find_host(prompt, &begin, &end)};
    }
    struct family *family = &prompts->families[index];
    family->strong |= is_strong(line, reading);
    /* Text that was only printed does not speak against the lines that were typed. */
    const int points = score(line, reading);
    family->points += points > 0 ? points : 0;
    family->lines++;
    family->marked |= (line->signs & OPK_PROMPT_EDITOR) != 0;
    family->shell |= (line->signs & OPK_PROMPT_SHELL) != 0;
    return OPK_OK;
}

enum opk_status opk_prompts_see(struct opk_prompts *prompts, const struct opk_prompt_line *line,
                                struct opk_err *err)
{
    size_t ends[OPK_PROMPT_ENDS];
    const size_t end_count = find_ends(line, ends);
    enum opk_status status = OPK_OK;

    for (size_t i = 0; i < end_count && status == OPK_OK; i++) {
        size_t begins[4];
        const size_t begin_count = find_begins(line, ends[i], begins);
        for (size_t j = 0; j < begin_count && status == OPK_OK; j++)
            status = see_reading(prompts, line, (struct reading){begins[j], ends[i]}, err);
    }
    return status;
}

void opk_prompts_settle(struct opk_prompts *prompts)
{
    for (uint32_t i = 0; i < opk_map_count(prompts->keys); i++) {
        struct family *family = &prompts->families[i];
        const bool bare = opk_map_key(prompts->keys, i).len <= 2;
        family->believed = family->strong && family->points >= BELIEVED &&
                           (family->lines > 1 || !bare || family->points > BELIEVED);
    }
}

/* A user and host that nobody has shown yet needs a reason to be there. */
static bool is_new_host(const struct opk_prompts *prompts, const struct opk_prompt_line *line,
                        struct reading reading)
{
    size_t begin;
    size_t end;
    const struct opk_str prompt = opk_str_slice(line->text, reading.begin, reading.end);

    return find_host(prompt, &begin, &end) &&
           !opk_map_find(prompts->exact, opk_str_slice(prompt, begin, end), NULL);
}

/* "$ " or "# ": what sh shows. */
static bool is_bare_shell(struct opk_str prompt)
{
    return opk_str_eq(prompt, OPK_STR("$ ")) || opk_str_eq(prompt, OPK_STR("# "));
}

static bool accept(const struct opk_prompts *prompts, const struct opk_prompt_line *line,
                   struct reading reading, uint32_t index)
{
    const struct family *family = &prompts->families[index];
    const struct opk_str prompt = opk_str_slice(line->text, reading.begin, reading.end);
    const unsigned reasons = OPK_PROMPT_EDITOR | OPK_PROMPT_SHELL | OPK_PROMPT_FIRST |
                             OPK_PROMPT_EDITED | OPK_PROMPT_AFTER_OPENER;

    if (opk_prompt_is_repl(prompt))
        return false;
    if (!family->believed)
        return is_bare_shell(prompt) &&
               ((line->signs & OPK_PROMPT_AFTER_SHELL) != 0 || index == prompts->inner);
    if (line->signs & OPK_PROMPT_SHELL)
        return true;
    /* Where only a glyph stands, what was printed at once was not typed. */
    if (line->signs & OPK_PROMPT_TIMED && !(line->signs & OPK_PROMPT_EDITOR) &&
        trim_end(prompt).len <= BARE_MAX && !is_paused(line, reading) &&
        trim_end(opk_str_skip(line->text, reading.end)).len > 0)
        return false;
    if (family->hosts && is_new_host(prompts, line, reading))
        return (line->signs & reasons) != 0 || line->anchor == reading.begin ||
               prompts->shell == UINT32_MAX || line->pause_count > 0;
    if (prompts->shell == UINT32_MAX || index == prompts->shell || index == prompts->inner)
        return true;
    if (line->end != OPK_NPOS && prompts->shell_has_end && trim_end(prompt).len > 0)
        return true;
    if (!family->shell)
        return false;
    /* A shell that marks its lines ran something that does not. */
    if (prompts->shell_is_marked && !family->marked && !(line->signs & OPK_PROMPT_AFTER_OPENER))
        return has_shell_form(prompt);
    if (opk_map_find(prompts->exact, prompt, NULL) || has_shell_form(prompt))
        return true;
    return (line->signs & reasons) != 0 || line->anchor == reading.begin;
}

static void remember(struct opk_prompts *prompts, const struct opk_prompt_line *line,
                     struct reading reading, uint32_t index)
{
    const struct opk_str prompt = opk_str_slice(line->text, reading.begin, reading.end);
    uint32_t at;
    bool is_new;
    size_t begin;
    size_t end;

    prompts->inner = prompts->shell == UINT32_MAX || index == prompts->shell ? UINT32_MAX : index;
    if (prompts->shell == UINT32_MAX) {
        prompts->shell = index;
        prompts->shell_is_marked = (line->signs & (OPK_PROMPT_EDITOR | OPK_PROMPT_SHELL)) != 0;
        prompts->shell_has_end = line->end != OPK_NPOS;
    }
    if (opk_map_count(prompts->exact) >= OPK_PROMPT_FAMILIES)
        return;
    prompts->failed |= opk_map_add(prompts->exact, prompt, &at, &is_new, NULL) != OPK_OK;
    if (find_host(prompt, &begin, &end))
        prompts->failed |= opk_map_add(prompts->exact, opk_str_slice(prompt, begin, end), &at,
                                       &is_new, NULL) != OPK_OK;
}

/* The prompt may stand right behind output that we know nothing of. */
static bool find_glued(const struct opk_prompts *prompts, const struct opk_prompt_line *line,
                       size_t end, struct reading *out_reading)
{
    for (uint32_t i = 0; i < opk_map_count(prompts->exact); i++) {
        const struct opk_str prompt = opk_map_key(prompts->exact, i);
        if (ends_with_glyph(prompt) && trim_end(prompt).len > 3 && end >= prompt.len &&
            opk_str_ends(opk_str_slice(line->text, 0, end), prompt)) {
            *out_reading = (struct reading){end - prompt.len, end};
            return true;
        }
    }
    return false;
}

/* A line editor was reading here, so there is a prompt: take the most likely end of it. */
static bool guess(const struct opk_prompt_line *line, const size_t *ends, size_t end_count,
                  struct opk_prompt_place *out_place)
{
    size_t end = line->pause_count > 0 ? line->pauses[0] : 0;

    if (!(line->signs & OPK_PROMPT_EDITOR) ||
        !(line->signs & (OPK_PROMPT_TIMED | OPK_PROMPT_SHELL)))
        return false;
    for (size_t i = 0; end == 0 && i < end_count; i++)
        end = ends[i];
    if (end == 0 || !looks_like_shell(opk_str_slice(line->text, 0, end)))
        return false;
    *out_place = (struct opk_prompt_place){0, end};
    return true;
}

bool opk_prompts_find(struct opk_prompts *prompts, const struct opk_prompt_line *line,
                      struct opk_prompt_place *out_place)
{
    size_t ends[OPK_PROMPT_ENDS];
    const size_t end_count = find_ends(line, ends);
    struct reading best = {0, 0};
    uint32_t best_index = UINT32_MAX;
    int64_t best_points = INT64_MIN;

    for (size_t i = 0; i < end_count; i++) {
        size_t begins[4];
        const size_t begin_count = find_begins(line, ends[i], begins);
        for (size_t j = 0; j < begin_count; j++) {
            const struct reading reading = {begins[j], ends[i]};
            uint32_t index;
            mask(prompts, opk_str_slice(line->text, reading.begin, reading.end));
            prompts->failed |= prompts->key.failed;
            if (!opk_map_find(prompts->keys, opk_buf_str(&prompts->key), &index) ||
                !accept(prompts, line, reading, index))
                continue;
            if (prompts->families[index].points > best_points) {
                best = reading;
                best_index = index;
                best_points = prompts->families[index].points;
            }
        }
        if (best_index == UINT32_MAX && find_glued(prompts, line, ends[i], &best)) {
            *out_place = (struct opk_prompt_place){best.begin, best.end};
            return true;
        }
    }
    if (best_index == UINT32_MAX)
        return guess(line, ends, end_count, out_place);
    remember(prompts, line, best, best_index);
    *out_place = (struct opk_prompt_place){best.begin, best.end};
    return true;
}

enum opk_status opk_prompts_check(const struct opk_prompts *prompts, struct opk_err *err)
{
    return prompts->failed ? opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for prompts")
                           : OPK_OK;
}

/* Behind a glyph come escapes, then a blank or the line's end. */
static bool glyph_closes(struct opk_str raw, size_t at)
{
    if (at >= raw.len)
        return true;
    const unsigned char c = (unsigned char)raw.data[at];
    return c == 0x1B || c == 0x07 || c == '\r' || c == '\b' || blanks_at(raw, at) > 0;
}

bool opk_prompt_may_hold(struct opk_str raw)
{
    const size_t scan = raw.len < 4 * OPK_PROMPT_MAX ? raw.len : 4 * OPK_PROMPT_MAX;

    for (size_t at = 0; at < scan; at++) {
        const unsigned char c = (unsigned char)raw.data[at];
        if (c != '$' && c != '#' && c != '%' && c != '>' && c < 0x80)
            continue;
        const size_t glyph = glyph_at(raw, at);
        if (glyph > 0 &&
            (glyph_closes(raw, at + glyph) || (c == '>' && raw.len > 2 && raw.data[1] == ':')))
            return true;
    }
    return false;
}
