/*
 * lex.h - the tokens of a command line.
 *
 * Source:  POSIX.1-2017 XCU chapter 2 and the bash 5.2 manual, "Shell Syntax" and "Shell
 *          Expansions"; zsh 5.9 where it differs; lex_dialect.h for the other shells. Aliases,
 *          history expansion and brace expansion are left alone.
 * Shape:   text in, tokens out, in order. Between two tokens lie only blanks and line
 *          continuations; comments and here-document bodies are tokens themselves.
 * Total:   every text has tokens. From the word on in which something never ends (a quote, a
 *          parenthesis), is nested deeper than OPK_LEX_DEPTH_MAX, or holds more than
 *          OPK_LEX_HEREDOC_MAX here-documents on a line, the rest of the text is one opaque word. A
 *          here-document without its delimiter ends with the text, as in bash.
 * Time:    linear in the text; no recursion.
 * Units:   bytes; spans are half-open offsets into the text.
 * Memory:  nothing is allocated; the text is borrowed.
 * Threads: one lexer a thread.
 */
#ifndef OPK_CLUSTER_LEX_H
#define OPK_CLUSTER_LEX_H

#include "base/arena.h"
#include "base/str.h"
#include "cluster/dialect.h"

#define OPK_LEX_DEPTH_MAX   64
#define OPK_LEX_HEREDOC_MAX 16

enum opk_token_kind {
    OPK_TOKEN_WORD,     /* flags say what it is made of */
    OPK_TOKEN_RESERVED, /* a reserved word where one may stand: op says which */
    OPK_TOKEN_OP,       /* a control operator or newline: op says which */
    OPK_TOKEN_REDIRECT, /* 2>, <<, &>, {fd}<: op says which; a word follows, unless text is cut */
    OPK_TOKEN_HEREDOC,  /* a body with its delimiter line, after the newline that starts it */
    OPK_TOKEN_COMMENT,  /* from # to the end of the line */
};

enum opk_op {
    OPK_OP_NONE,
    /* control operators */
    OPK_OP_NEWLINE,
    OPK_OP_SEMI,       /* ; */
    OPK_OP_CASE_BREAK, /* ;; ;& ;;& */
    OPK_OP_BACKGROUND, /* & */
    OPK_OP_AND,        /* && */
    OPK_OP_OR,         /* || */
    OPK_OP_PIPE,       /* | |& */
    OPK_OP_OPEN,       /* ( */
    OPK_OP_CLOSE,      /* ) */
    /* redirections */
    OPK_OP_READ,    /* < <> */
    OPK_OP_WRITE,   /* > >| &> >& with a file */
    OPK_OP_APPEND,  /* >> &>> */
    OPK_OP_DUP,     /* >& <& with a descriptor or - */
    OPK_OP_HEREDOC, /* << <<- */
    OPK_OP_HERESTR, /* <<< */
    /* reserved words */
    OPK_OP_BANG,
    OPK_OP_TIME,
    OPK_OP_BRACE_OPEN,
    OPK_OP_BRACE_CLOSE,
    OPK_OP_IF,
    OPK_OP_THEN,
    OPK_OP_ELIF,
    OPK_OP_ELSE,
    OPK_OP_FI,
    OPK_OP_WHILE, /* while, until */
    OPK_OP_FOR,   /* for, select */
    OPK_OP_DO,
    OPK_OP_DONE,
    OPK_OP_CASE,
    OPK_OP_ESAC,
    OPK_OP_FUNCTION,
    OPK_OP_COPROC,
    OPK_OP_JOIN,           /* fish's and, or; zsh's always */
    OPK_OP_REPEAT,         /* zsh: a count follows */
    OPK_OP_END,            /* fish: closes what is open */
    OPK_OP_SWITCH,         /* a case whose header is the rest of its line */
    OPK_OP_LABEL,          /* fish: a row of it */
    OPK_OP_LOOP,           /* a loop whose header is the rest of its line */
    OPK_OP_FUNCTION_LINE,  /* fish: a function whose header is the rest of its line */
    OPK_OP_CALL,           /* PowerShell's & before a command */
    OPK_OP_BLOCK_IF,       /* PowerShell: a branch, whose header ends with its brace */
    OPK_OP_BLOCK_LOOP,     /* a loop of that kind */
    OPK_OP_BLOCK_FUNCTION, /* a function of that kind */
};

enum opk_word_flag {
    OPK_WORD_QUOTED = 1U << 0,       /* some quote or backslash */
    OPK_WORD_WHOLE_QUOTE = 1U << 1,  /* one quoted string and nothing else */
    OPK_WORD_VARIABLE = 1U << 2,     /* $name ${...} $1 */
    OPK_WORD_SUBSTITUTION = 1U << 3, /* $(...) `...` <(...) >(...) */
    OPK_WORD_ARITHMETIC = 1U << 4,   /* $((...)), or the whole of ((...)) */
    OPK_WORD_GLOB = 1U << 5,         /* an unquoted * ? or [ */
    OPK_WORD_BRACES = 1U << 6,       /* an unquoted { that is not ${ */
    OPK_WORD_ASSIGNMENT = 1U << 7,   /* NAME=..., NAME+=..., NAME[...]= before the command's name */
    OPK_WORD_CONDITION = 1U << 8,    /* inside [[ ]] */
    OPK_WORD_OPAQUE = 1U << 9,       /* could not be read; reaches to the end of the text */
    OPK_WORD_CODE = 1U << 10,        /* a block of PowerShell: { ... } */
    OPK_WORD_SWITCH = 1U << 11,      /* /s of cmd.exe, -Name of a cmdlet: a value follows a colon */
};

struct opk_token {
    enum opk_token_kind kind;
    enum opk_op op;
    unsigned flags; /* of enum opk_word_flag */
    size_t begin;
    size_t end;
};

/* A here-document whose body has not been reached: its delimiter, as written. */
struct opk_lex_heredoc {
    size_t begin;
    size_t end;
    bool strip_tabs; /* <<- */
};

struct opk_lex {
    struct opk_str text;
    enum opk_dialect dialect;
    size_t at;
    struct opk_lex_heredoc heredocs[OPK_LEX_HEREDOC_MAX];
    unsigned heredoc_count;
    unsigned heredoc_next; /* the body that comes next, once bodies_due */
    bool bodies_due;       /* the newline before them has been read */
    bool at_command;       /* a command's name or a reserved word may come next */
    bool no_reserved;      /* a redirection or assignment stood before: only the name may */
    bool behind_for;       /* for NAME stood before: "do", or zsh's (list) */
    bool in_header;        /* PowerShell: the next brace begins a body */
    unsigned case_depth;   /* case words open, of which parentheses are patterns */
    bool in_condition;     /* between [[ and ]] */
    bool regex_next;       /* the word behind =~ comes next */
    enum opk_op last;      /* of the token before, where it was a reserved word */
    enum opk_op redirect;  /* whose word comes next, or OPK_OP_NONE */
    bool strip_tabs;       /* of that redirection */
};

/** Start at the beginning of text. */
void opk_lex_init(struct opk_lex *lex, struct opk_str text, enum opk_dialect dialect);

/** The next token; false at the end. */
bool opk_lex_next(struct opk_lex *lex, struct opk_token *out_token);

/** Is raw a reserved word, where one may stand? */
bool opk_lex_is_reserved(struct opk_str raw);

/** Length of the "NAME=", "NAME+=" or "NAME[...]=" that raw begins with, or 0. */
size_t opk_word_assignment(struct opk_str raw);

/**
 * What a word means once its quotes are removed; expansions stay as written. A view into the text
 * where nothing changes, else in arena (whose failure is sticky).
 */
struct opk_str opk_word_unquote(struct opk_str raw, unsigned flags, enum opk_dialect dialect,
                                struct opk_arena *arena);

#endif
