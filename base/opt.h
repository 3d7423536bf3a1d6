/*
 * opt.h - the command line, from tables.
 *
 * Shape:   a verb is a row (struct opk_verb) with a table of options. The table is the only
 *          description: parsing, --help, the man page and shell completions all come from it.
 * Grammar: POSIX utility syntax with GNU long options: options and operands in any order, "--" ends
 *          the options, "-" is an operand, --name=value or --name value, -n value or -nvalue, and
 *          bundled flag letters. --help is known to every verb; --json stands for --format json (or
 *          jsonl) where the verb has that choice.
 * Memory:  tables are static; parsed values borrow argv; lists lie in the caller's arena.
 * Errors:  OPK_E_USAGE, with the nearest known name where a name is unknown.
 */
#ifndef OPK_BASE_OPT_H
#define OPK_BASE_OPT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdio.h>

enum opk_opt_type {
    OPK_OPT_FLAG,   /* bool */
    OPK_OPT_TEXT,   /* const char *, NULL when absent; given twice, the last counts */
    OPK_OPT_CHOICE, /* const char *; value is "a|b|c", the first is the default */
    OPK_OPT_NUMBER, /* struct opk_opt_number */
    OPK_OPT_LIST,   /* struct opk_opt_list; may be given more than once */
};

struct opk_opt_number {
    bool given;
    uint64_t value;
};

struct opk_opt_list {
    const char **items;
    size_t count;
};

struct opk_opt {
    const char *name; /* without dashes; NULL ends the table, which is sorted by name */
    char letter;      /* or 0 */
    enum opk_opt_type type;
    const char *value; /* what help shows for the value: FILE, N, text|tsv */
    const char *help;  /* one line, lower case, no full stop */
    size_t offset;     /* of the field in the verb's struct of values */
};

/* A row of an option table: OPK_OPT("jobs", 'j', NUMBER, "N", "threads", struct values, jobs). */
#define OPK_OPT(opt_name, opt_letter, opt_type, opt_value, opt_help, values_type, field)           \
    {                                                                                              \
        opt_name, opt_letter, OPK_OPT_##opt_type, opt_value, opt_help,                             \
            offsetof(values_type, field)                                                           \
    }
#define OPK_OPT_END                                                                                \
    {                                                                                              \
        NULL, 0, OPK_OPT_FLAG, NULL, NULL, 0                                                       \
    }

/* What a verb may touch of the world, given to it by main. */
struct opk_cli {
    const struct opk_verb *verb;
    const char **operands; /* in the arena */
    size_t operand_count;
    struct opk_arena *arena; /* lives as long as the verb runs */
    FILE *out;               /* data */
    FILE *err;               /* everything else */
};

#define OPK_OPERANDS_ANY SIZE_MAX

struct opk_verb {
    const char *name;
    const char *stage;    /* the heading of "opk help" it stands under */
    const char *summary;  /* one line, lower case, no full stop */
    const char *operands; /* "FILE..." as shown in the usage line, "" when there are none */
    const char *details;  /* paragraphs for help and the man page, 78 columns; or NULL */
    const struct opk_opt *opts;
    size_t values_size; /* of the struct that the offsets refer to; zeroed before parsing */
    size_t min_operands;
    size_t max_operands;
    /* Returns an enum opk_exit. values points to the verb's own struct. */
    int (*run)(struct opk_cli *cli, const void *values);
};

/**
 * Parse what follows the verb's name. OPK_END when --help was asked for (nothing else is checked
 * then). values has verb->values_size bytes; cli->operands is filled.
 */
OPK_MUST_USE enum opk_status opk_opt_parse(struct opk_cli *cli, int argc, char **argv, void *values,
                                           struct opk_err *err);

/** The text of "opk VERB --help". */
void opk_opt_help(const struct opk_verb *verb, struct opk_buf *out);

/** The verb's section of the man page, in roff. */
void opk_opt_man(const struct opk_verb *verb, struct opk_buf *out);

/** The nearest of count names to a misspelt one, or NULL when none is near; stride in bytes. */
const char *opk_opt_nearest(const char *misspelt, const char *const *names, size_t count);

/**
 * Print "opk: path:line: message" on cli->err, escaped for a terminal; returns the exit code. Of
 * OPK_E_PIPE nothing is told: "opk commands LOG | head" has what it asked for.
 */
int opk_cli_fail(const struct opk_cli *cli, const struct opk_err *err);

/** The same line for what is only told: the verb goes on. */
void opk_cli_note(const struct opk_cli *cli, const struct opk_err *err);

/** Give what was written to cli->out to the system; errors as of opk_cli_write. */
OPK_MUST_USE enum opk_status opk_cli_flush(const struct opk_cli *cli, struct opk_err *err);

/** Write a buffer to cli->out; OPK_E_PIPE when nobody reads it any more, OPK_E_IO when writing
 * fails otherwise, OPK_E_NOMEM when the buffer had failed. */
OPK_MUST_USE enum opk_status opk_cli_write(const struct opk_cli *cli, const struct opk_buf *text,
                                           struct opk_err *err);

#endif
