/*
 * claude_record.h - one record of a Claude Code session log: where its values stand.
 *
 * Shape:   a record is read in one pass; values are raw JSON, the empty view where they are absent,
 *          the last one where a name stands twice. Most records hold no call and no result, and can
 *          be told from their bytes without being parsed.
 * Memory:  a record owns its list of blocks and keeps it from read to read; values are views of the
 *          text that was read.
 * Limits:  OPK_CLAUDE_BLOCKS_MAX blocks of a message; further ones are dropped, and has_more tells.
 * Errors:  OPK_E_SYNTAX and OPK_E_LIMIT as json.h has them, OPK_E_NOMEM.
 */
#ifndef OPK_INGEST_CLAUDE_RECORD_H
#define OPK_INGEST_CLAUDE_RECORD_H

#include "base/err.h"
#include "base/str.h"

#define OPK_CLAUDE_BLOCKS_MAX ((size_t)4096)

/* A block of a message's content: text, a call, a result. */
enum opk_claude_block_field {
    OPK_CLAUDE_BLOCK_TYPE,
    OPK_CLAUDE_BLOCK_TEXT,
    OPK_CLAUDE_BLOCK_ID,
    OPK_CLAUDE_BLOCK_NAME,
    OPK_CLAUDE_BLOCK_INPUT,
    OPK_CLAUDE_BLOCK_RESULT_OF, /* tool_use_id */
    OPK_CLAUDE_BLOCK_CONTENT,
    OPK_CLAUDE_BLOCK_IS_ERROR,
    OPK_CLAUDE_BLOCK_FIELDS
};

struct opk_claude_block {
    struct opk_str values[OPK_CLAUDE_BLOCK_FIELDS];
};

enum opk_claude_field {
    OPK_CLAUDE_TIMESTAMP,
    OPK_CLAUDE_SESSION,
    OPK_CLAUDE_SESSION_STREAM,
    OPK_CLAUDE_CWD,
    OPK_CLAUDE_SIDECHAIN,
    OPK_CLAUDE_PARENT_TOOL,
    OPK_CLAUDE_ENTRYPOINT,
    OPK_CLAUDE_UUID,
    OPK_CLAUDE_FIELDS
};

/* Of toolUseResult, where that is an object: it knows more of a command than the block does. */
enum opk_claude_result_field {
    OPK_CLAUDE_RESULT_STDOUT,
    OPK_CLAUDE_RESULT_STDERR,
    OPK_CLAUDE_RESULT_INTERRUPTED,
    OPK_CLAUDE_RESULT_MEANING, /* of an exit status that is no failure */
    OPK_CLAUDE_RESULT_BACKGROUND,
    OPK_CLAUDE_RESULT_FIELDS
};

struct opk_claude_record {
    struct opk_str values[OPK_CLAUDE_FIELDS];
    struct opk_str result[OPK_CLAUDE_RESULT_FIELDS];
    struct opk_str content;          /* of the message, where it is one value and no list */
    struct opk_claude_block *blocks; /* owned; of the message, where it is a list */
    size_t block_count;
    size_t block_cap;
    bool has_more;  /* there were more blocks */
    bool is_nested; /* a progress record: the message is a sub-agent's */
};

void opk_claude_record_done(struct opk_claude_record *record);

/**
 * Read the record at the beginning of text, and say how many bytes it took. What is JSON and no
 * object is a record without values. With trusts, values are taken to be well formed where their
 * quotes and brackets balance (json.h).
 */
OPK_MUST_USE enum opk_status opk_claude_record_read(struct opk_claude_record *record,
                                                    struct opk_str text, bool trusts,
                                                    size_t *out_len, struct opk_err *err);

/**
 * Cheap: may the records of this line hold a call, a result, or what a user ran? False only when
 * reading them would give none.
 */
bool opk_claude_may_matter(struct opk_str line);

#endif
