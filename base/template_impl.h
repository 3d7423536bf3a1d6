/*
 * template_impl.h - what the files of the template engine share; nobody else includes it.
 *
 * Shape:   template_lex.c cuts the text into tokens, template_expr.c and template_parse.c make
 *          trees of them, template_eval.c walks the trees, template_ops.c computes;
 *          template_filter.c, template_list.c and template_text.c hold the tables of filters,
 *          methods and tests, template_value.c the values.
 * Memory:  tokens, trees and values lie in one arena.
 */
#ifndef OPK_BASE_TEMPLATE_IMPL_H
#define OPK_BASE_TEMPLATE_IMPL_H

#include "base/template.h"

enum opk_ttoken_kind {
    OPK_TTOKEN_DATA,
    OPK_TTOKEN_VAR_BEGIN,
    OPK_TTOKEN_VAR_END,
    OPK_TTOKEN_BLOCK_BEGIN,
    OPK_TTOKEN_BLOCK_END,
    OPK_TTOKEN_NAME,
    OPK_TTOKEN_STRING, /* unescaped */
    OPK_TTOKEN_INT,
    OPK_TTOKEN_FLOAT,
    OPK_TTOKEN_OP,
    OPK_TTOKEN_EOF,
};

struct opk_ttoken {
    enum opk_ttoken_kind kind;
    struct opk_str text;
    uint64_t line;
};

struct opk_ttokens {
    struct opk_ttoken *items; /* owned, by free(); ends with EOF */
    size_t count;
    size_t cap;
};

OPK_MUST_USE enum opk_status opk_template_lex(struct opk_arena *arena, struct opk_str text,
                                              struct opk_place place, struct opk_ttokens *out,
                                              struct opk_err *err);

enum opk_texpr_kind {
    OPK_TEXPR_CONST,
    OPK_TEXPR_NAME,  /* name */
    OPK_TEXPR_ATTR,  /* left.name */
    OPK_TEXPR_ITEM,  /* left[right] */
    OPK_TEXPR_SLICE, /* left[args[0]:args[1]:args[2]], NULL when not given */
    OPK_TEXPR_LIST,  /* args */
    OPK_TEXPR_UNARY, /* op left */
    OPK_TEXPR_BINARY,
    OPK_TEXPR_AND,
    OPK_TEXPR_OR,
    OPK_TEXPR_NOT,
    OPK_TEXPR_COND,   /* left if right else args[0] */
    OPK_TEXPR_FILTER, /* left | function(args) */
    OPK_TEXPR_METHOD, /* left.function(args) */
    OPK_TEXPR_TEST,   /* left is function(args) */
    OPK_TEXPR_CALL,   /* a macro: name(args), the last ones with keywords */
};

enum opk_top {
    OPK_TOP_EQ,
    OPK_TOP_NE,
    OPK_TOP_LT,
    OPK_TOP_LE,
    OPK_TOP_GT,
    OPK_TOP_GE,
    OPK_TOP_IN,
    OPK_TOP_NOT_IN,
    OPK_TOP_ADD,
    OPK_TOP_SUB,
    OPK_TOP_CONCAT,
    OPK_TOP_MUL,
    OPK_TOP_DIV,
    OPK_TOP_FLOORDIV,
    OPK_TOP_MOD,
};

struct opk_tfunction;

#define OPK_TARGS_MAX 6

struct opk_texpr {
    enum opk_texpr_kind kind;
    enum opk_top op;
    uint64_t line;
    unsigned depth; /* of this tree: what evaluating it may recurse */
    struct opk_str name;
    struct opk_tval value;
    const struct opk_tfunction *function;
    const struct opk_texpr *left;
    const struct opk_texpr *right;
    const struct opk_texpr *const *args; /* of a function: one a parameter, NULL when not given */
    const struct opk_str *keywords;      /* CALL: one an argument, empty where it has none */
    size_t arg_count;
};

enum opk_tstmt_kind {
    OPK_TSTMT_DATA,
    OPK_TSTMT_PRINT,
    OPK_TSTMT_IF, /* expr, body, otherwise */
    OPK_TSTMT_FOR,
    OPK_TSTMT_SET,
    OPK_TSTMT_MACRO,   /* macro */
    OPK_TSTMT_INCLUDE, /* expr: the name; lenient */
};

#define OPK_TPARAMS_MAX 16 /* of a macro, and arguments of a call */

struct opk_tmacro {
    struct opk_str name;
    struct opk_str params[OPK_TPARAMS_MAX];
    const struct opk_texpr *defaults[OPK_TPARAMS_MAX]; /* NULL when there is none */
    size_t param_count;
    const struct opk_tstmt *body;
};

struct opk_tstmt {
    enum opk_tstmt_kind kind;
    uint64_t line;
    struct opk_str text;           /* DATA */
    const struct opk_texpr *expr;  /* PRINT, IF, SET, FOR: what is walked */
    const struct opk_texpr *guard; /* FOR ... if guard, or NULL */
    struct opk_str names[2];       /* SET, FOR: the names bound */
    size_t name_count;
    const struct opk_tmacro *macro;
    bool lenient; /* INCLUDE ignore missing */
    const struct opk_tstmt *body;
    const struct opk_tstmt *otherwise; /* else, elif */
    struct opk_tstmt *next;
};

struct opk_template {
    struct opk_place place;                   /* its path lies in the arena */
    const struct opk_template_loader *loader; /* or NULL: includes are refused */
    const struct opk_tstmt *body;
};

struct opk_tparser {
    struct opk_arena *arena;
    const struct opk_ttoken *at;
    const char *path;
    unsigned depth;
    unsigned inner; /* loops and macros around this place */
    struct opk_err *err;
};

/* Of template_expr.c, for template_parse.c: look at the next token, take it, complain about it. */
struct opk_place opk_tparser_here(const struct opk_tparser *parser);
bool opk_tparser_is_op(const struct opk_tparser *parser, const char *op);
bool opk_tparser_is_word(const struct opk_tparser *parser, const char *word);
bool opk_tparser_take_op(struct opk_tparser *parser, const char *op);
bool opk_tparser_take_word(struct opk_tparser *parser, const char *word);
enum opk_status opk_tparser_unexpected(const struct opk_tparser *parser, const char *wanted);
enum opk_status opk_tparser_unknown(const struct opk_tparser *parser, const char *what,
                                    struct opk_str name);
enum opk_status opk_tparser_too_deep(const struct opk_tparser *parser);
enum opk_status opk_tparser_expect_op(struct opk_tparser *parser, const char *op);
enum opk_status opk_tparser_expect_name(struct opk_tparser *parser, struct opk_str *out_name);

/** A whole expression; one without "if else"; and one where commas make a list. */
enum opk_status opk_tparser_expr(struct opk_tparser *parser, const struct opk_texpr **out);
enum opk_status opk_tparser_or(struct opk_tparser *parser, const struct opk_texpr **out);
enum opk_status opk_tparser_tuple(struct opk_tparser *parser,
                                  enum opk_status (*operand)(struct opk_tparser *,
                                                             const struct opk_texpr **),
                                  const struct opk_texpr **out);

/* What a filter, test or method is called with. */
struct opk_tcall {
    struct opk_arena *arena;
    struct opk_place place;
    const struct opk_tfunction *function;
    struct opk_tval subject;
    const struct opk_tval *args[OPK_TARGS_MAX]; /* NULL when not given */
    struct opk_err *err;
};

struct opk_tfunction {
    const char *name;
    const char *params[OPK_TARGS_MAX]; /* the names that keywords use, in order */
    unsigned required;
    bool takes_undefined;
    enum opk_status (*run)(const struct opk_tcall *call, struct opk_tval *out);
};

/* Rows of more files than template_filter.c, which finds them by name. */
struct opk_tfunctions {
    const struct opk_tfunction *rows;
    size_t count;
};

extern const struct opk_tfunctions OPK_TFILTERS_OF_LISTS;
extern const struct opk_tfunctions OPK_TFILTERS_OF_TEXT;
extern const struct opk_tfunctions OPK_TMETHODS_OF_TEXT;

/** The failure of a filter that is used on a value of another kind. */
enum opk_status opk_tcall_wrong_type(const struct opk_tcall *call, const struct opk_tval *value);

/** A string result that was put together in a buffer, which is freed. */
enum opk_status opk_tcall_give(const struct opk_tcall *call, struct opk_buf *text,
                               struct opk_tval *out);

/** An argument that is true; absent is false. */
bool opk_tcall_truth(const struct opk_tcall *call, size_t index);

/** An argument as text. */
struct opk_str opk_tcall_text(const struct opk_tcall *call, size_t index, struct opk_str absent);

/** An argument as an integer; OPK_E_INVALID when it is something else. */
enum opk_status opk_tcall_int(const struct opk_tcall *call, size_t index, int64_t absent,
                              int64_t *out);

/** The value below a dotted path, as attribute="a.b.0" says it; NULL when there is none. */
const struct opk_tval *opk_tval_path(const struct opk_tval *value, struct opk_str path);

/** a op b; call gives the place, the arena and err. */
enum opk_status opk_tval_operate(const struct opk_tcall *call, enum opk_top op,
                                 const struct opk_tval *a, const struct opk_tval *b,
                                 struct opk_tval *out);

/** whole[begin:end:step]; an end that is none is not given. */
enum opk_status opk_tval_slice(const struct opk_tcall *call, const struct opk_tval *whole,
                               const struct opk_tval ends[3], struct opk_tval *out);

/** What sort, unique, min and max compare of a value: its letters are folded unless told not to. */
enum opk_status opk_tcall_sort_key(const struct opk_tcall *call, const struct opk_tval *value,
                                   bool case_sensitive, struct opk_tval *out_key);

/** The items in the order of their keys, which must have one; equal ones keep their order. */
enum opk_status opk_tcall_sort(const struct opk_tcall *call, const struct opk_tval *keys,
                               const struct opk_tval *items, size_t count, bool reverse,
                               struct opk_tval *out);

/** A letter's case, given whether it begins the text, or a word of it. */
enum opk_folding { OPK_FOLD_LOWER, OPK_FOLD_UPPER, OPK_FOLD_CAPITAL, OPK_FOLD_TITLE };

enum opk_status opk_tcall_fold(const struct opk_tcall *call, enum opk_folding folding,
                               struct opk_tval *out);

const struct opk_tfunction *opk_tfilter_find(struct opk_str name);
const struct opk_tfunction *opk_ttest_find(struct opk_str name);
const struct opk_tfunction *opk_tmethod_find(struct opk_str name);

bool opk_tval_truth(const struct opk_tval *value);
struct opk_tval opk_tval_bool(bool truth);
struct opk_tval opk_tval_int(int64_t integer);
const char *opk_tval_kind_name(enum opk_tval_kind kind);

/** -1, 0, 1 into out_order; false when the two have no order. */
bool opk_tval_compare(const struct opk_tval *a, const struct opk_tval *b, int *out_order);

/** A value's items as Python iterates it: a list's, a mapping's keys, a string's characters. */
bool opk_tval_items(struct opk_arena *arena, const struct opk_tval *value,
                    struct opk_tval *out_seq);

/** A value's printed form, in the arena; a string is itself. */
struct opk_str opk_tval_text(struct opk_arena *arena, const struct opk_tval *value);

#endif
