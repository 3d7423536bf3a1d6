/*
 * lex_scan.h - the end of one word, for lex.c alone.
 *
 * Shape:   a stack of what is open (quotes, ${, $(, case, ...) walks the text once; its depth is
 *          limited, and nothing is read twice.
 */
#ifndef OPK_CLUSTER_LEX_SCAN_H
#define OPK_CLUSTER_LEX_SCAN_H

#include "cluster/lex.h"

enum opk_scan_mode {
    OPK_SCAN_WORD,
    OPK_SCAN_NAME,       /* where an assignment may stand: blanks belong to its [...] */
    OPK_SCAN_PATTERN,    /* parentheses within belong to the word */
    OPK_SCAN_REGEX,      /* the right side of =~: parentheses belong to the word */
    OPK_SCAN_ARITHMETIC, /* at stands on "((" of an arithmetic command */
};

/**
 * The end of the word at text[at]; adds to *flags what it is made of. With OPK_WORD_OPAQUE among
 * them the end is that of the text. OPK_NPOS in arithmetic mode: these are two subshells.
 */
size_t opk_scan_word(struct opk_str text, size_t at, enum opk_scan_mode mode, unsigned *flags);

/**
 * The end of a here-document's body, its delimiter line (and newline) included; the end of the text
 * when there is none, with *out_found false.
 */
size_t opk_scan_heredoc(struct opk_str text, size_t at, const struct opk_lex_heredoc *heredoc,
                        bool *out_found);

/** The end of the one expansion ($..., `...`) that text[at] begins; the text's when it never ends.
 */
size_t opk_scan_expansion(struct opk_str text, size_t at, bool in_quotes);

/** The length of zsh's <1-9> or <-> that rest begins with, or 0. */
size_t opk_scan_number_glob(struct opk_str rest);

/** Does c end an unquoted word? */
bool opk_scan_is_break(char c);

#endif
