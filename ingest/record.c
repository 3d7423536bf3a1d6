#include "ingest/record.h"

#include "base/json.h"
#include "base/out.h"
#include "base/rfc3339.h"

#include <assert.h>
#include <string.h>

static const char *const KINDS[] = {
    [OPK_COMMAND_SHELL] = "shell",
    [OPK_COMMAND_TOOL] = "tool",
    [OPK_COMMAND_DOCUMENTED] = "documented",
};

static const char *const TIERS[] = {
    [OPK_TIER_STATED] = "stated",
    [OPK_TIER_OSC633E] = "osc-633-e",
    [OPK_TIER_OSC_CMDLINE] = "osc-cmdline",
    [OPK_TIER_OSC_MARKS] = "osc-marks",
    [OPK_TIER_TITLE] = "title",
    [OPK_TIER_PASTE] = "paste",
    [OPK_TIER_PROMPT] = "prompt",
};

static const struct {
    unsigned flag;
    const char *name;
} FLAGS[] = {
    {OPK_COMMAND_REJECTED, "rejected"},     {OPK_COMMAND_NOT_RUN, "not-run"},
    {OPK_COMMAND_BACKGROUND, "background"}, {OPK_COMMAND_SIDECHAIN, "sidechain"},
    {OPK_COMMAND_TRUNCATED, "truncated"},   {OPK_COMMAND_HEADLESS, "headless"},
    {OPK_COMMAND_LISTED, "listed"},
};

enum field_type {
    TEXT,   /* struct opk_str */
    COUNT,  /* uint64_t */
    NUMBER, /* int64_t, perhaps OPK_UNKNOWN */
    TIME,   /* likewise */
    KIND,
    TIER,
    FLAG_LIST,
};

static const struct field {
    const char *name;
    enum field_type type;
    size_t offset;
} FIELDS[] = {
    {"source", TEXT, offsetof(struct opk_command, source)},
    {"at", COUNT, offsetof(struct opk_command, at)},
    {"ordinal", COUNT, offsetof(struct opk_command, ordinal)},
    {"session", TEXT, offsetof(struct opk_command, session)},
    {"kind", KIND, offsetof(struct opk_command, kind)},
    {"tier", TIER, offsetof(struct opk_command, tier)},
    {"flags", FLAG_LIST, offsetof(struct opk_command, flags)},
    {"time", TIME, offsetof(struct opk_command, time)},
    {"duration_ms", NUMBER, offsetof(struct opk_command, duration)},
    {"exit_status", NUMBER, offsetof(struct opk_command, exit_status)},
    {"output_bytes", NUMBER, offsetof(struct opk_command, output_bytes)},
    {"cwd", TEXT, offsetof(struct opk_command, cwd)},
    {"host", TEXT, offsetof(struct opk_command, host)},
    {"user", TEXT, offsetof(struct opk_command, user)},
    {"shell", TEXT, offsetof(struct opk_command, shell)},
    {"tool", TEXT, offsetof(struct opk_command, tool)},
    {"id", TEXT, offsetof(struct opk_command, id)},
    {"text", TEXT, offsetof(struct opk_command, text)},
};

#define FIELD_COUNT (sizeof(FIELDS) / sizeof(FIELDS[0]))

/* A field's value: text as it is, anything else written into room. Empty when it is unknown. */
static struct opk_str value_of(const struct field *field, const struct opk_command *command,
                               struct opk_buf *room)
{
    const void *at = (const char *)command + field->offset;

    opk_buf_truncate(room, 0); /* and keep a failure, for the caller to see */
    switch (field->type) {
    case TEXT:
        return *(const struct opk_str *)at;
    case KIND:
        return opk_str_of(KINDS[command->kind]);
    case TIER:
        return opk_str_of(TIERS[command->tier]);
    case COUNT:
        opk_buf_append_u64(room, *(const uint64_t *)at);
        break;
    case NUMBER:
        if (*(const int64_t *)at != OPK_UNKNOWN)
            opk_buf_printf(room, "%lld", (long long)*(const int64_t *)at);
        break;
    case TIME:
        if (*(const int64_t *)at != OPK_UNKNOWN)
            opk_rfc3339_append(room, *(const int64_t *)at);
        break;
    case FLAG_LIST:
        for (size_t i = 0; i < sizeof(FLAGS) / sizeof(FLAGS[0]); i++) {
            if (command->flags & FLAGS[i].flag)
                opk_buf_printf(room, "%s%s", room->len > 0 ? "," : "", FLAGS[i].name);
        }
        break;
    }
    return opk_buf_str(room);
}

void opk_record_tsv_header(struct opk_buf *out)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        opk_buf_printf(out, "%s%c", FIELDS[i].name, i + 1 < FIELD_COUNT ? '\t' : '\n');
}

void opk_record_tsv(struct opk_buf *out, const struct opk_command *command)
{
    struct opk_buf room = OPK_BUF_EMPTY;

    for (size_t i = 0; i < FIELD_COUNT; i++) {
        opk_out_tsv(out, value_of(&FIELDS[i], command, &room));
        opk_buf_append_byte(out, i + 1 < FIELD_COUNT ? '\t' : '\n');
    }
    out->failed = out->failed || room.failed;
    opk_buf_done(&room);
}

static void write_flags(struct opk_json_writer *writer, unsigned flags)
{
    opk_json_open(writer, '[');
    for (size_t i = 0; i < sizeof(FLAGS) / sizeof(FLAGS[0]); i++) {
        if (flags & FLAGS[i].flag)
            opk_json_string(writer, opk_str_of(FLAGS[i].name));
    }
    opk_json_close(writer, ']');
}

void opk_record_jsonl(struct opk_buf *out, const struct opk_command *command)
{
    struct opk_json_writer writer = OPK_JSON_WRITER(out);
    struct opk_buf room = OPK_BUF_EMPTY;

    opk_json_open(&writer, '{');
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        struct opk_str value = value_of(&FIELDS[i], command, &room);
        if (value.len == 0)
            continue;
        opk_json_key(&writer, FIELDS[i].name);
        if (FIELDS[i].type == FLAG_LIST)
            write_flags(&writer, command->flags);
        else if (FIELDS[i].type == COUNT || FIELDS[i].type == NUMBER)
            opk_json_raw(&writer, value);
        else
            opk_json_string(&writer, value);
    }
    opk_json_close(&writer, '}');
    opk_buf_append_byte(out, '\n');
    out->failed = out->failed || room.failed;
    opk_buf_done(&room);
}

void opk_record_line(struct opk_buf *out, const struct opk_command *command)
{
    opk_out_line(out, command->text);
    opk_buf_append_byte(out, '\n');
}

void opk_record_text(struct opk_buf *out, const struct opk_command *command)
{
    opk_out_terminal(out, command->text, true);
    opk_buf_append_byte(out, '\n');
}

bool opk_command_ran(const struct opk_command *command)
{
    return command->kind == OPK_COMMAND_SHELL &&
           !(command->flags &
             (OPK_COMMAND_REJECTED | OPK_COMMAND_NOT_RUN | OPK_COMMAND_BACKGROUND));
}
