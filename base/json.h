/*
 * json.h - a pull reader and a writer for JSON (RFC 8259).
 *
 * Reader:  over one text in memory, without recursion: tokens come in order, strings are unescaped
 *          on demand, a value can be skipped whole. A BOM is passed over; invalid UTF-8 and lone
 *          surrogates are read as U+FFFD.
 * Writer:  appends to a buffer; commas and escapes are its own affair.
 * Units:   bytes; places are 0-based offsets into the text, told 1-based in errors.
 * Trust:   where the caller sets trusts, only quotes and brackets are looked at in what is skipped:
 *          several times as fast, for text that was read already or need not be checked.
 * Memory:  the reader borrows the text; a string without escapes is a view of it, others lie in the
 *          reader's scratch buffer until the next string is read.
 * Errors:  OPK_E_SYNTAX with the byte; OPK_E_LIMIT past OPK_JSON_DEPTH_MAX levels.
 */
#ifndef OPK_BASE_JSON_H
#define OPK_BASE_JSON_H

#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"

#define OPK_JSON_DEPTH_MAX 64

enum opk_json_token {
    OPK_JSON_OBJECT, /* { */
    OPK_JSON_OBJECT_END,
    OPK_JSON_ARRAY, /* [ */
    OPK_JSON_ARRAY_END,
    OPK_JSON_KEY,    /* text is the key; its value follows */
    OPK_JSON_STRING, /* text */
    OPK_JSON_NUMBER, /* text, unconverted */
    OPK_JSON_TRUE,
    OPK_JSON_FALSE,
    OPK_JSON_NULL,
};

struct opk_json {
    struct opk_str text;
    size_t at;        /* the next unread byte */
    size_t token_at;  /* where the last token began */
    size_t token_end; /* and ended; a key's colon is behind it */
    enum opk_json_token token;
    struct opk_str value; /* KEY, STRING (unescaped), NUMBER */
    bool is_escaped;      /* the string's raw text has escapes */
    bool trusts;          /* values that are skipped are taken to be well formed */
    unsigned depth;
    unsigned state;                         /* what may come next */
    unsigned char open[OPK_JSON_DEPTH_MAX]; /* '{' or '[' of each level */
    struct opk_buf scratch;                 /* owned */
};

/** Start reading one value at the beginning of text. */
void opk_json_init(struct opk_json *json, struct opk_str text);
void opk_json_done(struct opk_json *json);

/** The next token, into json->token and json->value; OPK_END after the value (blanks may follow).
 */
OPK_MUST_USE enum opk_status opk_json_next(struct opk_json *json, struct opk_err *err);

/**
 * At the start, after a KEY, or inside an array: read past the next value whole. out_span may be
 * NULL. In an array its closing bracket counts as such a value, which leaves json->depth lower.
 */
OPK_MUST_USE enum opk_status opk_json_skip(struct opk_json *json, struct opk_span *out_span,
                                           struct opk_err *err);

/** After a KEY: the first byte of its value, 0 at the end of the text. */
char opk_json_peek(struct opk_json *json);

/** Right after the bracket that opened a container: read past the rest of it. */
OPK_MUST_USE enum opk_status opk_json_leave(struct opk_json *json, struct opk_err *err);

/**
 * Inside an object: read on to the next member with one of count names, which out_index tells, and
 * stand before its value; OPK_END behind the object's end.
 */
OPK_MUST_USE enum opk_status opk_json_member(struct opk_json *json, const char *const *names,
                                             size_t count, size_t *out_index, struct opk_err *err);

/**
 * The raw texts of the values that an object holds under count names; the empty view where a name
 * is absent, the last one where it stands twice. Reads up to the object's end and no further.
 */
OPK_MUST_USE enum opk_status opk_json_pick(struct opk_str object, const char *const *names,
                                           size_t count, struct opk_str *out_values,
                                           struct opk_err *err);

/** The same for a raw value that was read already; what is no object holds nothing. */
OPK_MUST_USE enum opk_status opk_json_pick_again(struct opk_str value, const char *const *names,
                                                 size_t count, struct opk_str *out_values,
                                                 struct opk_err *err);

/**
 * The text of a raw string value that was read already, a view of it or in the arena; empty for
 * any other value.
 */
OPK_MUST_USE enum opk_status opk_json_text(struct opk_str value, struct opk_arena *arena,
                                           struct opk_str *out_text, struct opk_err *err);

/**
 * How many bytes the text of a raw string value has that was read already; 0 for any other value.
 * Nothing is copied; bytes that are no UTF-8 count as they stand.
 */
size_t opk_json_text_len(struct opk_str value);

/** The beginning of that text, which the first max bytes of the value hold, in place of out. */
void opk_json_text_head(struct opk_str value, size_t max, struct opk_buf *out);

/**
 * Read one JSON text into a document tree (json_doc.c); path is for messages only. Depth as above;
 * a key that stands twice is kept twice, and finding gives the first.
 */
OPK_MUST_USE enum opk_status opk_json_parse(struct opk_str text, const char *path,
                                            struct opk_doc *out_doc, struct opk_err *err);

/* A writer of one line of JSON: { "a": 1 } without blanks. */
struct opk_json_writer {
    struct opk_buf *out;
    bool comma; /* a value was written at this level */
};

#define OPK_JSON_WRITER(buf) ((struct opk_json_writer){.out = (buf)})

void opk_json_open(struct opk_json_writer *writer, char bracket);  /* '{' or '[' */
void opk_json_close(struct opk_json_writer *writer, char bracket); /* '}' or ']' */
void opk_json_key(struct opk_json_writer *writer, const char *key);
void opk_json_key_str(struct opk_json_writer *writer, struct opk_str key);
void opk_json_string(struct opk_json_writer *writer, struct opk_str text);
void opk_json_number(struct opk_json_writer *writer, int64_t number);
void opk_json_bool(struct opk_json_writer *writer, bool truth);
void opk_json_null(struct opk_json_writer *writer);
/** A value that is JSON already. */
void opk_json_raw(struct opk_json_writer *writer, struct opk_str json);

/**
 * A node of a document with all below it (json_doc.c). A number stays as it is written; one that
 * JSON cannot write (0x1F, .inf), or an integer of 2^53 and more, of which readers lose digits,
 * becomes a text.
 */
void opk_json_node(struct opk_json_writer *writer, const struct opk_node *node);

#endif
