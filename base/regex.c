#define PCRE2_CODE_UNIT_WIDTH 8

#include "base/regex.h"
#include "base/regex_ecma.h"

#include <assert.h>
#include <pcre2.h>
#include <stdlib.h>

struct opk_regex {
    pcre2_code *code;
};

struct opk_regex_scratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *jit_stack; /* NULL where the library has no JIT */
};

#define JIT_STACK_FIRST ((size_t)32 * 1024)
#define NESTING_MAX     100 /* of parentheses: the compiler recurses on them */

/* Our flags as PCRE2's. UTF always comes with MATCH_INVALID_UTF: transcripts hold any bytes. */
static uint32_t compile_options(unsigned flags)
{
    static const struct {
        enum opk_regex_flag flag;
        uint32_t options;
    } OPTIONS[] = {
        {OPK_REGEX_UTF, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF},
        {OPK_REGEX_UCP, PCRE2_UCP},
        {OPK_REGEX_NOCASE, PCRE2_CASELESS},
        {OPK_REGEX_MULTILINE, PCRE2_MULTILINE},
        {OPK_REGEX_ECMA, PCRE2_ALT_BSUX | PCRE2_ALLOW_EMPTY_CLASS | PCRE2_MATCH_UNSET_BACKREF},
    };
    uint32_t options = PCRE2_NEVER_BACKSLASH_C | PCRE2_DOLLAR_ENDONLY;

    for (size_t i = 0; i < sizeof(OPTIONS) / sizeof(OPTIONS[0]); i++) {
        if (flags & OPTIONS[i].flag)
            options |= OPTIONS[i].options;
    }
    return options;
}

static enum opk_status fail_pattern(int code, size_t at, struct opk_err *err)
{
    PCRE2_UCHAR words[128] = "";

    (void)pcre2_get_error_message(code, words, sizeof(words));
    return opk_fail(err, OPK_E_SYNTAX, OPK_AT_BYTE(at + 1),
                    "bad regular expression at its byte %zu: %s", at + 1, (const char *)words);
}

enum opk_status opk_regex_new(struct opk_str pattern, unsigned flags, struct opk_regex **out_regex,
                              struct opk_err *err)
{
    struct opk_regex *regex = NULL;
    pcre2_compile_context *context = NULL;
    struct opk_buf spelt = OPK_BUF_EMPTY;
    enum opk_status status = OPK_E_NOMEM;
    int code = 0;
    size_t at = 0;

    assert(!(flags & OPK_REGEX_UCP) || (flags & OPK_REGEX_UTF));
    if (pattern.len > OPK_REGEX_PATTERN_MAX)
        return opk_fail(err, OPK_E_LIMIT, OPK_NOWHERE,
                        "a regular expression of %zu bytes; the limit is %zu", pattern.len,
                        OPK_REGEX_PATTERN_MAX);
    regex = calloc(1, sizeof(*regex));
    context = pcre2_compile_context_create(NULL);
    if (!regex || !context)
        goto out;
    (void)pcre2_set_parens_nest_limit(context, NESTING_MAX);
    if (flags & OPK_REGEX_ECMA) {
        (void)pcre2_set_compile_extra_options(context, PCRE2_EXTRA_ALT_BSUX);
        opk_regex_ecma(pattern, &spelt);
        pattern = opk_buf_str(&spelt);
        if (spelt.failed)
            goto out;
    }
    regex->code = pcre2_compile((PCRE2_SPTR)pattern.data, pattern.len, compile_options(flags),
                                &code, &at, context);
    if (regex->code) {
        /* Without a JIT the interpreter serves; its absence is no error. */
        (void)pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE);
        *out_regex = regex;
        regex = NULL;
        status = OPK_OK;
    } else if (code != PCRE2_ERROR_HEAP_FAILED) {
        status = fail_pattern(code, at, err);
    }

out:
    opk_buf_done(&spelt);
    pcre2_compile_context_free(context);
    opk_regex_free(regex);
    if (status == OPK_E_NOMEM)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for a regular expression");
    return status;
}

void opk_regex_free(struct opk_regex *regex)
{
    if (!regex)
        return;
    pcre2_code_free(regex->code);
    free(regex);
}

enum opk_status opk_regex_scratch_new(struct opk_regex_scratch **out_scratch, struct opk_err *err)
{
    struct opk_regex_scratch *scratch = calloc(1, sizeof(*scratch));
    uint32_t has_jit = 0;

    if (!scratch)
        goto nomem;
    scratch->data = pcre2_match_data_create(OPK_REGEX_GROUPS_MAX, NULL);
    scratch->context = pcre2_match_context_create(NULL);
    if (!scratch->data || !scratch->context)
        goto nomem;
    (void)pcre2_set_match_limit(scratch->context, OPK_REGEX_MATCH_LIMIT);
    (void)pcre2_set_depth_limit(scratch->context, OPK_REGEX_DEPTH_LIMIT);
    (void)pcre2_set_heap_limit(scratch->context, OPK_REGEX_HEAP_KIB);
    (void)pcre2_config(PCRE2_CONFIG_JIT, &has_jit);
    if (has_jit) {
        scratch->jit_stack = pcre2_jit_stack_create(JIT_STACK_FIRST, OPK_REGEX_JIT_STACK, NULL);
        if (!scratch->jit_stack)
            goto nomem;
        pcre2_jit_stack_assign(scratch->context, NULL, scratch->jit_stack);
    }
    *out_scratch = scratch;
    return OPK_OK;

nomem:
    opk_regex_scratch_free(scratch);
    return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for searching");
}

void opk_regex_scratch_free(struct opk_regex_scratch *scratch)
{
    if (!scratch)
        return;
    pcre2_match_data_free(scratch->data);
    pcre2_match_context_free(scratch->context);
    pcre2_jit_stack_free(scratch->jit_stack);
    free(scratch);
}

static enum opk_status fail_search(int code, size_t from, struct opk_err *err)
{
    PCRE2_UCHAR words[128] = "";

    if (code == PCRE2_ERROR_NOMEMORY)
        return opk_fail(err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for searching");
    (void)pcre2_get_error_message(code, words, sizeof(words));
    return opk_fail(err, OPK_E_LIMIT, OPK_AT_BYTE(from + 1),
                    "a search for a regular expression was given up: %s", (const char *)words);
}

enum opk_status opk_regex_find(const struct opk_regex *regex, struct opk_regex_scratch *scratch,
                               struct opk_str text, size_t from, struct opk_regex_match *out_match,
                               struct opk_err *err)
{
    assert(from <= text.len);
    int count = pcre2_match(regex->code, (PCRE2_SPTR)text.data, text.len, from, 0, scratch->data,
                            scratch->context);

    if (count == PCRE2_ERROR_JIT_STACKLIMIT)
        count = pcre2_match(regex->code, (PCRE2_SPTR)text.data, text.len, from, PCRE2_NO_JIT,
                            scratch->data, scratch->context);
    if (count == PCRE2_ERROR_NOMATCH)
        return OPK_END;
    if (count < 0)
        return fail_search(count, from, err);
    if (!out_match)
        return OPK_OK;

    /* 0: more groups than the scratch has room for; those that fit are told. */
    const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(scratch->data);
    size_t told = count == 0 ? OPK_REGEX_GROUPS_MAX : (size_t)count;
    for (size_t i = 0; i < OPK_REGEX_GROUPS_MAX; i++) {
        struct opk_span span = {OPK_NPOS, OPK_NPOS};
        if (i < told && ends[2 * i] != PCRE2_UNSET) {
            span.begin = ends[2 * i];
            span.end = ends[2 * i + 1];
        }
        out_match->groups[i] = span;
    }
    return OPK_OK;
}
