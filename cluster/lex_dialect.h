/*
 * lex_dialect.h - the lexers of shells that are not like bash, for lex.c alone.
 *
 * Shape:   as opk_lex_next and opk_word_unquote, each for its shell. They give tokens of the same
 *          kinds, so that step.c reads them all; what only one shell has is told by enum opk_op.
 */
#ifndef OPK_CLUSTER_LEX_DIALECT_H
#define OPK_CLUSTER_LEX_DIALECT_H

#include "cluster/lex.h"

/* Source: fish 3.6, "The fish language". */
bool opk_lex_fish_next(struct opk_lex *lex, struct opk_token *token);
struct opk_str opk_lex_fish_unquote(struct opk_str raw, struct opk_arena *arena);

/* Source: PowerShell 7, "about_Parsing", "about_Quoting_Rules". */
bool opk_lex_powershell_next(struct opk_lex *lex, struct opk_token *token);
struct opk_str opk_lex_powershell_unquote(struct opk_str raw, struct opk_arena *arena);

/**
 * A word as the names of PowerShell are usually written: without a program the name of a command
 * (gci and get-childitem are Get-ChildItem), behind a cmdlet a parameter's (-recurse is -Recurse),
 * which is noted in *flags. Other words are given back.
 */
struct opk_str opk_lex_powershell_name(struct opk_str value, struct opk_str program,
                                       unsigned *flags, struct opk_arena *arena);

/* Source: cmd.exe of Windows 10, "cmd /?", "for /?", "if /?". */
bool opk_lex_cmd_next(struct opk_lex *lex, struct opk_token *token);
struct opk_str opk_lex_cmd_unquote(struct opk_str raw, struct opk_arena *arena);

/** Commands and switches of cmd.exe have no case: value in small letters. */
struct opk_str opk_lex_cmd_name(struct opk_str value, struct opk_arena *arena);

/* ---- what they share ---- */

/* A fixed text and what it means; tables have the longer texts first. */
struct opk_lex_row {
    struct opk_str text;
    enum opk_op op;
};

/** The first row that rest begins with, or NULL. */
const struct opk_lex_row *opk_lex_find_row(const struct opk_lex_row *rows, size_t count,
                                           struct opk_str rest);

/** The row that is word, or NULL. */
const struct opk_lex_row *opk_lex_find_word(const struct opk_lex_row *rows, size_t count,
                                            struct opk_str word);

/** The byte that many behind lex->at, or 0. */
char opk_lex_peek(const struct opk_lex *lex, size_t ahead);

/** Set the token to what stands from lex->at to end, and go behind it; always true. */
bool opk_lex_give(struct opk_lex *lex, struct opk_token *token, enum opk_token_kind kind,
                  enum opk_op op, size_t end);

/** Give an operator that ends a command; always true. */
bool opk_lex_give_operator(struct opk_lex *lex, struct opk_token *token,
                           const struct opk_lex_row *row);

/** Give a redirection of so many bytes of descriptor in front of row; always true. */
bool opk_lex_give_redirect(struct opk_lex *lex, struct opk_token *token,
                           const struct opk_lex_row *row, size_t descriptor);

/** Is the word just given what a redirection names? That one is over then. */
bool opk_lex_end_redirect(struct opk_lex *lex);

/** Where the line that at stands in ends: at its newline, or with the text. */
size_t opk_lex_line_end(struct opk_str text, size_t at);

/** Go behind blanks, and lines that escape continues; of blanks is \r one where cr is set. */
void opk_lex_skip_blanks(struct opk_lex *lex, char escape, bool cr);

/** What the letter behind an escape stands for (n: a newline); other bytes are themselves. */
char opk_lex_escaped(char c);

/* What is open in a word that is being scanned. */
enum opk_lex_context {
    OPK_LEX_BASE,
    OPK_LEX_DQUOTE,
    OPK_LEX_PAREN, /* (...), $(...), @(...) */
    OPK_LEX_BRACE, /* {...}, @{...} */
};

/* One word that is being scanned; zeroed but for text and at. */
struct opk_lex_scan {
    struct opk_str text;
    size_t at;
    size_t begin;    /* of the word */
    unsigned flags;  /* OPK_WORD_... of what was met */
    bool expression; /* blanks belong to the word */
    bool failed;     /* something stayed open */
    unsigned depth;
    unsigned char stack[OPK_LEX_DEPTH_MAX]; /* enum opk_lex_context, innermost last */
};

/** Something of len bytes opens a context. */
void opk_lex_scan_push(struct opk_lex_scan *scan, enum opk_lex_context context, size_t len);

/** Go behind an escape and the byte that it quotes. */
void opk_lex_scan_escape(struct opk_lex_scan *scan);

/**
 * The end of the word, or of the expansion that its first byte begins. step goes on by a byte or
 * more in the innermost context, and is false where the word ends. What stays open makes the word
 * opaque, and it ends with the text.
 */
size_t opk_lex_scan(struct opk_lex_scan *scan, bool word, bool (*step)(struct opk_lex_scan *));

#endif
