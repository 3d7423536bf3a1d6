/*
 * reader.h - one format of transcripts, as a row of a table.
 *
 * Shape:   sniff says whether a head of at most OPK_SNIFF_BYTES looks like the format (NULL: the
 *          format is only ever named); open takes the decompressed stream; next gives one command
 *          after the other, then OPK_END.
 * Memory:  a reader owns its state; a command's views are borrowed until the next call.
 * Errors:  damage is told through the notes of the input and reading goes on where it can; next
 *          fails only when nothing more can be read. What was read before a failure stands.
 * Threads: one thread a reader; the table is constant.
 *
 * To add a format: one file, one row in READERS (reader.c) and one line in readers.h, fixtures, a
 * page in docs/formats.
 */
#ifndef OPK_INGEST_READER_H
#define OPK_INGEST_READER_H

#include "base/err.h"
#include "ingest/command.h"

#define OPK_SNIFF_BYTES ((size_t)64 * 1024)

struct opk_stream; /* stream.h: decompressed bytes of one input */

/* Where a reader tells what it skipped or mended; the input goes on. context is the receiver's. */
struct opk_notes {
    void (*tell)(void *context, const struct opk_err *err);
    void *context;
};

/** Tell one thing; a receiver that is not there hears nothing. */
void opk_notes_tell(const struct opk_notes *notes, const struct opk_err *err);

struct opk_input {
    struct opk_str path;       /* as given; "-" for standard input; lives as long as the reader */
    struct opk_stream *stream; /* borrowed; begins at the first byte, the head is read again */
    struct opk_notes notes;
};

struct opk_reader {
    const char *name;    /* what --input-format takes */
    const char *summary; /* one line for help */
    bool (*sniff)(struct opk_str head, struct opk_str path);
    enum opk_status (*open)(const struct opk_input *input, void **out_state, struct opk_err *err);
    enum opk_status (*next)(void *state, struct opk_command *out_command, struct opk_err *err);
    /*
     * NULL, or: further commands that differ from the last one of next in their texts alone, and in
     * their places, which say nothing; at most max of them, none when next is to be asked.
     */
    size_t (*more)(void *state, struct opk_str *out_texts, size_t max);
    void (*close)(void *state); /* NULL state is fine */
};

/** All formats, in the order of sniffing; ends with NULL. */
extern const struct opk_reader *const OPK_READERS[];

/** The record of a shell command that a log states: every field unknown but these. */
struct opk_command opk_command_stated(const struct opk_input *input, struct opk_str text,
                                      uint64_t at);

/** Set the text, cut between two characters and flagged when it passes OPK_COMMAND_TEXT_MAX. */
void opk_command_set_text(struct opk_command *command, struct opk_str text);

/** The row of a name, or NULL. */
const struct opk_reader *opk_reader_find(struct opk_str name);

/** The row that --input-format names; NULL, which sniffs, for NULL. OPK_E_USAGE for another name.
 */
OPK_MUST_USE enum opk_status opk_reader_choose(const char *name,
                                               const struct opk_reader **out_reader,
                                               struct opk_err *err);

/** The first row whose sniff accepts the head, or NULL: giving up is an answer. */
const struct opk_reader *opk_reader_sniff(struct opk_str head, struct opk_str path);

#endif
