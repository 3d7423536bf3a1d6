/*
 * redact_rules.h - the tables of the redactor, and what its layers share.
 *
 * Shape:   three tables (provider shapes, names, programs) and the list of marks that the layers
 *          fill. To add a rule, add a row in redact_rules.c and a row in tests/unit/test_redact.c.
 * Memory:  tables are static; a run lives in the redactor and is reused.
 * Errors:  sticky in struct opk_redact_run.
 * Threads: tables are constant; a run belongs to one redactor.
 */
#ifndef OPK_CLUSTER_REDACT_RULES_H
#define OPK_CLUSTER_REDACT_RULES_H

#include "base/arena.h"
#include "base/regex.h"
#include "cluster/redact.h"

/* No letter, digit or _ stands before: how most patterns of provider shapes begin. */
#define OPK_REDACT_START "(?<![A-Za-z0-9_])"

/* Layer (c): a token that its own form gives away. */
struct opk_redact_shape {
    const char *hint;    /* occurs in every match as written; a text without it is not searched */
    const char *pattern; /* PCRE2; group 1 is the secret, or the whole match where there is none */
    const char *label;
};

/* Layer (b): how a name ends ("_" stands for any border of words in it). */
struct opk_redact_name {
    const char *suffix;
    bool glued;  /* also without a border before it: "dbpassword" */
    bool opaque; /* the value must look drawn at random */
    const char *label;
};

/* Layer (a): where a program carries a secret. */
enum opk_redact_place {
    OPK_PLACE_OPTION,  /* -p V, -pV, --long V, --long=V */
    OPK_PLACE_JOINED,  /* -pV only */
    OPK_PLACE_AFTER,   /* the word behind this word */
    OPK_PLACE_OPERAND, /* the operand of this number behind the subcommand: "1", "2" */
    OPK_PLACE_LAST,    /* the last operand, where this option is given */
    OPK_PLACE_ANY,     /* every operand behind the subcommand */
    OPK_PLACE_INPUT,   /* what is piped or here-stringed in, where this option is given ("": always)
                        */
};

enum opk_redact_part {
    OPK_PART_WHOLE,
    OPK_PART_COLON,   /* what follows the first : */
    OPK_PART_PERCENT, /* what follows the first % */
    OPK_PART_COMMA,   /* what follows the first , */
    OPK_PART_EQUALS,  /* what follows the first = */
    OPK_PART_PASS,    /* what follows pass: at the start */
    OPK_PART_ORACLE,  /* user/SECRET@service */
    OPK_PART_HOST,    /* domain/user:SECRET@host */
    OPK_PART_PAIR,    /* the whole, if it is user:secret */
};

struct opk_redact_program {
    const char *programs;   /* names without folder and .exe, separated by |; * ends a prefix */
    const char *subcommand; /* a word that must be among the operands, or NULL */
    const char *spot;       /* options (separated by |), word or number, as place says */
    enum opk_redact_place place;
    enum opk_redact_part part;
    const char *label;
};

extern const struct opk_redact_shape OPK_REDACT_SHAPES[];
extern const size_t OPK_REDACT_SHAPE_COUNT;
extern const struct opk_redact_name OPK_REDACT_NAMES[];
extern const size_t OPK_REDACT_NAME_COUNT;
/* What may follow the telling word, beside numbers: DB_PASSWORD_PROD. Ends with NULL. */
extern const char *const OPK_REDACT_QUALIFIERS[];
extern const struct opk_redact_program OPK_REDACT_PROGRAMS[];
extern const size_t OPK_REDACT_PROGRAM_COUNT;

/* Bytes [begin, end) of the text are a secret. */
struct opk_redact_mark {
    size_t begin;
    size_t end;
    const char *label;
};

struct opk_redact_index; /* redact_index.h */

struct opk_redact_run {
    struct opk_str text;
    struct opk_redact_index *index; /* owned by the redactor */
    struct opk_redact_mark *marks;  /* owned; in any order, may overlap */
    size_t count;
    size_t cap;
    struct opk_arena arena; /* of this run */
    bool opaque;            /* a part could not be read */
    bool doubtful;          /* so, or a quoted text that may be no script could not */
    bool failed;            /* no memory */
    size_t work; /* bytes looked at more than once; past the limit everything is given up */
};

/** Count bytes that are looked at again; false when the run has passed OPK_REDACT_WORK_MAX. */
bool opk_redact_spend(struct opk_redact_run *run, size_t bytes);

void opk_redact_add(struct opk_redact_run *run, size_t begin, size_t end, const char *label);

/** Layer (b), over any text. Where a part was doubtful to layer (a), options as well. */
void opk_redact_names(struct opk_redact_run *run);

/** Layer (a), over a command line. */
void opk_redact_argv(struct opk_redact_run *run);

/** The row of a name that says secret, or NULL. */
const struct opk_redact_name *opk_redact_name_find(const struct opk_redact_index *index,
                                                   struct opk_str name);

/** Does an option that is named like a secret take no value: ask-pass, no-token? */
bool opk_redact_is_switch(struct opk_str option);

/** May a value stay: a reference, a placeholder, a word such as true, or nothing at all? */
bool opk_redact_keeps(struct opk_str value);

bool opk_redact_has_digit(struct opk_str value);

/** Is a value a path? */
bool opk_redact_is_path(struct opk_str value);

/** Does a value look drawn at random? */
bool opk_redact_is_opaque(struct opk_str value);

#endif
