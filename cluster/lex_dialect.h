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

/** Set the token to what stands from lex->at to end, and go behind it; always true. */
bool opk_lex_give(struct opk_lex *lex, struct opk_token *token, enum opk_token_kind kind,
                  enum opk_op op, size_t end);

/** The byte that many behind lex->at, or 0. */
char opk_lex_peek(const struct opk_lex *lex, size_t ahead);

#endif
