#include "ingest/terminal_state.h"

static void set_where(struct opk_terminal *terminal, struct opk_buf *which, struct opk_str text)
{
    opk_buf_clear(which);
    opk_buf_append(which, opk_str_slice(text, 0, OPK_TERMINAL_WHERE_MAX));
    if (which->failed)
        opk_terminal_fail_memory(terminal);
    terminal->where_changed = true;
}

/* A path in a URL: file://host/path with percent escapes. */
static void take_url(struct opk_terminal *terminal, struct opk_str url)
{
    struct opk_buf path = OPK_BUF_EMPTY;

    if (!opk_str_starts(url, OPK_STR("file://")))
        return;
    url = opk_str_skip(url, 7);
    const size_t slash = opk_str_find_byte(url, '/', 0);
    if (slash == OPK_NPOS)
        return;
    for (size_t i = slash; i < url.len; i++) {
        if (url.data[i] == '%' && i + 2 < url.len && opk_hex_value(url.data[i + 1]) >= 0 &&
            opk_hex_value(url.data[i + 2]) >= 0) {
            const int byte = opk_hex_value(url.data[i + 1]) * 16 + opk_hex_value(url.data[i + 2]);
            opk_buf_append_byte(&path, (char)byte);
            i += 2;
        } else {
            opk_buf_append_byte(&path, url.data[i]);
        }
    }
    set_where(terminal, &terminal->cwd, opk_buf_str(&path));
    set_where(terminal, &terminal->host, opk_str_slice(url, 0, slash));
    if (path.failed)
        opk_terminal_fail_memory(terminal);
    opk_buf_done(&path);
}

static void take_user_host(struct opk_terminal *terminal, struct opk_str text)
{
    const size_t at = opk_str_find_byte(text, '@', 0);

    if (at == OPK_NPOS || at == 0 || at + 1 == text.len)
        return;
    set_where(terminal, &terminal->user, opk_str_slice(text, 0, at));
    set_where(terminal, &terminal->host, opk_str_skip(text, at + 1));
}

/* A title of the usual form, user@host: path. Anything else says nothing. */
static void take_title(struct opk_terminal *terminal, struct opk_str title)
{
    const size_t colon = opk_str_find_byte(title, ':', 0);
    const struct opk_str name = opk_str_slice(title, 0, colon);
    const struct opk_str path =
        colon == OPK_NPOS ? OPK_STR_EMPTY : opk_str_trim(opk_str_skip(title, colon + 1));

    if (opk_str_find_byte(name, ' ', 0) != OPK_NPOS || name.len > 128 || path.len == 0 ||
        (path.data[0] != '~' && path.data[0] != '/'))
        return;
    take_user_host(terminal, name);
    set_where(terminal, &terminal->cwd, path);
}

/* A key=value of OSC 633;P or OSC 1337. */
static void take_property(struct opk_terminal *terminal, struct opk_str text)
{
    if (opk_str_starts(text, OPK_STR("Cwd=")))
        set_where(terminal, &terminal->cwd, opk_str_skip(text, 4));
    else if (opk_str_starts(text, OPK_STR("CurrentDir=")))
        set_where(terminal, &terminal->cwd, opk_str_skip(text, 11));
    else if (opk_str_starts(text, OPK_STR("RemoteHost=")))
        take_user_host(terminal, opk_str_skip(text, 11));
}

/* Undo one of the two escapes of marks: \xNN and \\ (633), %NN (133 cmdline_url). */
static void unescape(struct opk_str text, char escape, struct opk_buf *out)
{
    const size_t skip = escape == '\\' ? 2 : 1;

    for (size_t i = 0; i < text.len; i++) {
        const bool hex = text.data[i] == escape && i + skip + 1 < text.len &&
                         (escape == '%' || text.data[i + 1] == 'x') &&
                         opk_hex_value(text.data[i + skip]) >= 0 &&
                         opk_hex_value(text.data[i + skip + 1]) >= 0;
        if (hex) {
            opk_buf_append_byte(out, (char)(opk_hex_value(text.data[i + skip]) * 16 +
                                            opk_hex_value(text.data[i + skip + 1])));
            i += skip + 1;
        } else if (escape == '\\' && text.data[i] == '\\' && i + 1 < text.len &&
                   text.data[i + 1] == '\\') {
            opk_buf_append_byte(out, '\\');
            i++;
        } else {
            opk_buf_append_byte(out, text.data[i]);
        }
    }
}

/* The text of the command was stated: the record that Enter made takes it, or a new one does. */
static void state_text(struct opk_terminal *terminal, struct opk_str text, char escape,
                       enum opk_tier tier)
{
    struct opk_record *record = opk_terminal_last_record(terminal);
    struct opk_buf plain = OPK_BUF_EMPTY;

    /* Programs print what they like: only behind a prompt's own marks is this believed. */
    if (!terminal->may_state)
        return;
    terminal->may_state = false;
    if (!terminal->marked || !record || record->exact)
        record = opk_terminal_add_record(terminal);
    if (!record)
        return;
    unescape(text, escape, &plain);
    record->stated = opk_records_keep(&terminal->records, opk_buf_str(&plain));
    record->exact = true;
    record->tier = tier;
    terminal->marked = true;
    if (plain.failed)
        opk_terminal_fail_memory(terminal);
    opk_buf_done(&plain);
}

static void end_command(struct opk_terminal *terminal, struct opk_str status)
{
    struct opk_record *record = opk_terminal_last_record(terminal);
    uint64_t value;

    if (!terminal->marked || !record)
        return;
    if (opk_str_to_u64(status, &value) && value <= INT32_MAX)
        record->exit_status = (int64_t)value;
    record->end_time = terminal->time;
    terminal->marked = false;
}

/* Enter, by mark C: an editor that is still open ends here. */
static void mark_enter(struct opk_terminal *terminal)
{
    if (terminal->alternate || (!terminal->editor && terminal->input_at == OPK_NPOS))
        return;
    terminal->editor = false;
    opk_terminal_close(terminal, true);
}

static void mark_start(struct opk_terminal *terminal)
{
    struct opk_record *record = opk_terminal_last_record(terminal);

    if (!terminal->marked || !record || record->tier != OPK_TIER_OSC_MARKS)
        return;
    record->started = true;
    terminal->records.has_starts = true;
}

static void take_mark(struct opk_terminal *terminal, struct opk_str text, bool vscode)
{
    const size_t semicolon = opk_str_find_byte(text, ';', 0);
    const struct opk_str token = opk_str_slice(text, 0, semicolon);
    const struct opk_str rest =
        semicolon == OPK_NPOS ? OPK_STR_EMPTY : opk_str_skip(text, semicolon + 1);

    if (token.len != 1 || terminal->alternate)
        return;
    switch (token.data[0]) {
    case 'A':
        if (!terminal->editor && terminal->input_at != OPK_NPOS)
            opk_terminal_reset(terminal);
        terminal->shell_mark = terminal->may_state = true;
        break;
    case 'B':
        terminal->shell_mark = terminal->may_state = true;
        terminal->input_at = terminal->raw.len;
        terminal->feed_at = OPK_NPOS;
        terminal->moved_up = false;
        break;
    case 'C':
        mark_enter(terminal);
        mark_start(terminal);
        if (opk_str_starts(rest, OPK_STR("cmdline_url=")))
            state_text(terminal, opk_str_skip(rest, 12), '%', OPK_TIER_OSC_CMDLINE);
        break;
    case 'D':
        end_command(terminal, opk_str_slice(rest, 0, opk_str_find_byte(rest, ';', 0)));
        break;
    case 'E':
        if (vscode && rest.len > 0) {
            mark_enter(terminal);
            state_text(terminal, opk_str_slice(rest, 0, opk_str_find_byte(rest, ';', 0)), '\\',
                       OPK_TIER_OSC633E);
        }
        break;
    case 'P':
        if (vscode) {
            struct opk_buf plain = OPK_BUF_EMPTY;
            unescape(rest, '\\', &plain);
            take_property(terminal, opk_buf_str(&plain));
            if (plain.failed)
                opk_terminal_fail_memory(terminal);
            opk_buf_done(&plain);
        }
        break;
    default:
        break;
    }
}

void opk_terminal_osc(struct opk_terminal *terminal, struct opk_str text)
{
    const size_t semicolon = opk_str_find_byte(text, ';', 0);

    if (semicolon == OPK_NPOS)
        return;
    const struct opk_str number = opk_str_slice(text, 0, semicolon);
    const struct opk_str rest = opk_str_skip(text, semicolon + 1);
    if (opk_str_eq(number, OPK_STR("133")))
        take_mark(terminal, rest, false);
    else if (opk_str_eq(number, OPK_STR("633")))
        take_mark(terminal, rest, true);
    else if (opk_str_eq(number, OPK_STR("7")))
        take_url(terminal, rest);
    else if (opk_str_eq(number, OPK_STR("1337")))
        take_property(terminal, rest);
    else if (opk_str_eq(number, OPK_STR("0")) || opk_str_eq(number, OPK_STR("2")))
        take_title(terminal, rest);
}
