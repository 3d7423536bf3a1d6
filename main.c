/*
 * main.c - the front door: the command table by stage, and the map of the tree.
 *
 *     transcripts.zst - ingest -> commands - cluster -> drafts
 *                     - promote -> registry - sync -> specs, docs, indexes
 *
 *     base/      what every stage stands on: views, buffers, arenas, errors, files, YAML, JSON
 *     ingest/    compressed transcripts -> commands
 *     cluster/   commands -> shapes -> draft operation kinds
 *     promote/   drafts -> decisions -> OPERATION_KIND_REGISTRY.yaml
 *     sync/      cards + rules -> specs, docs, indexes, registries; guard, tags
 *     schemas/   the data contracts, as JSON Schema
 *
 * A stage is a pure core plus cmd_<verb>.c files, which alone print, read the clock and exit. A
 * verb is one row below; its options, help and completion come from its own table (base/opt.h).
 *
 * Exit codes: 0 clean, 1 drift or findings, 2 usage, 3 invalid input, 4 a writing verb refuses,
 * 5 conflict, lock or pending transaction, 70 internal, 141 nobody reads standard output any more.
 */
#include "base/opt.h"
#include "cluster/cmd_cluster.h"
#include "ingest/cmd_ingest.h"
#include "promote/cmd_promote.h"
#include "sync/cmd_sync.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static int run_help(struct opk_cli *cli, const void *values);
static int run_version(struct opk_cli *cli, const void *values);
static int run_completion(struct opk_cli *cli, const void *values);

struct help_values {
    bool man;
};

static const struct opk_opt HELP_OPTS[] = {
    OPK_OPT("man", 0, FLAG, NULL, "print the whole man page as roff", struct help_values, man),
    OPK_OPT_END,
};

static const struct opk_verb VERB_HELP = {
    .name = "help",
    .stage = "about opk",
    .summary = "list the verbs, or explain one",
    .operands = "[VERB]",
    .opts = HELP_OPTS,
    .values_size = sizeof(struct help_values),
    .max_operands = 1,
    .run = run_help,
};
static const struct opk_verb VERB_VERSION = {
    .name = "version",
    .stage = "about opk",
    .summary = "print the version",
    .operands = "",
    .run = run_version,
};
static const struct opk_verb VERB_COMPLETION = {
    .name = "completion",
    .stage = "about opk",
    .summary = "print a completion script for bash",
    .operands = "bash",
    .min_operands = 1,
    .max_operands = 1,
    .run = run_completion,
};

/* Every verb, by stage. */
static const struct opk_verb *const VERBS[] = {
    &OPK_VERB_COMMANDS,

    &OPK_VERB_DISCOVER, &OPK_VERB_EXPLAIN, &OPK_VERB_CLASSIFY, &OPK_VERB_REDACT,

    &OPK_VERB_DRAFTS,   &OPK_VERB_PROMOTE, &OPK_VERB_REJECT,

    &OPK_VERB_INIT,     &OPK_VERB_SYNC,    &OPK_VERB_BUILD,    &OPK_VERB_NEW,
    &OPK_VERB_GUARD,    &OPK_VERB_TAG,     &OPK_VERB_VALIDATE, &OPK_VERB_YAML,
    &OPK_VERB_RENDER,   &OPK_VERB_SIDECAR, &OPK_VERB_EVENT,

    &VERB_HELP,         &VERB_VERSION,     &VERB_COMPLETION,
};

#define VERB_COUNT (sizeof(VERBS) / sizeof(VERBS[0]))

static const struct opk_verb *find_verb(const char *name)
{
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(VERBS[i]->name, name) == 0)
            return VERBS[i];
    }
    return NULL;
}

static int print(struct opk_cli *cli, struct opk_buf *text)
{
    struct opk_err err;
    enum opk_status status = opk_cli_write(cli, text, &err);

    opk_buf_done(text);
    return status == OPK_OK ? OPK_EXIT_OK : opk_cli_fail(cli, &err);
}

static int unknown_verb(const struct opk_cli *cli, const char *name)
{
    const char *names[VERB_COUNT];
    struct opk_err err;

    for (size_t i = 0; i < VERB_COUNT; i++)
        names[i] = VERBS[i]->name;
    const char *near = opk_opt_nearest(name, names, VERB_COUNT);
    if (near)
        opk_err_set(&err, OPK_E_USAGE, OPK_NOWHERE, "unknown verb '%s'; did you mean '%s'?", name,
                    near);
    else
        opk_err_set(&err, OPK_E_USAGE, OPK_NOWHERE, "unknown verb '%s'; try 'opk help'", name);
    return opk_cli_fail(cli, &err);
}

/* The man page: what is said once, around the section of each verb. */
static int print_man(struct opk_cli *cli)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    const char *stage = "";

    opk_buf_append_cstr(
        &text,
        ".TH OPK 1 \"\" \"opk " OPK_VERSION "\" \"User Commands\"\n"
        ".SH NAME\nopk \\- terminal transcripts to a governed registry of operation kinds\n"
        ".SH SYNOPSIS\n.B opk\n\\fIVERB\\fR [\\fIoptions\\fR] [\\fIoperands\\fR]\n"
        ".SH DESCRIPTION\n"
        "opk finds out what people and coding agents run in their terminals and turns it\n"
        "into a governed registry. Options and operands stand in any order, \\-\\- ends the\n"
        "options, \\- is standard input. \\-\\-help works after every verb; \\-\\-json stands for\n"
        "\\-\\-format json where a verb has it. Data goes to standard output, everything\n"
        "else to standard error.\n");
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(stage, VERBS[i]->stage) != 0) {
            stage = VERBS[i]->stage;
            opk_buf_printf(&text, ".SH %s\n", stage);
        }
        opk_opt_man(VERBS[i], &text);
    }
    opk_buf_append_cstr(&text,
                        ".SH EXIT STATUS\n"
                        ".TP\n0\nclean\n.TP\n1\ndrift or findings\n.TP\n2\nusage\n"
                        ".TP\n3\ninvalid input\n.TP\n4\na writing verb refuses\n"
                        ".TP\n5\nconflict, lock or pending transaction\n"
                        ".TP\n70\ninternal error\n"
                        ".TP\n141\nwhoever read standard output has gone; nothing is told\n");
    return print(cli, &text);
}

static int run_help(struct opk_cli *cli, const void *values)
{
    const struct help_values *help = values;
    struct opk_buf text = OPK_BUF_EMPTY;
    const char *stage = "";

    if (help->man)
        return print_man(cli);
    if (cli->operand_count == 1) {
        const struct opk_verb *verb = find_verb(cli->operands[0]);
        if (!verb)
            return unknown_verb(cli, cli->operands[0]);
        opk_opt_help(verb, &text);
        return print(cli, &text);
    }
    opk_buf_append_cstr(&text, "usage: opk VERB [options] [operands]\n\n"
                               "opk finds out what people and coding agents run in their terminals "
                               "and turns it\ninto a governed registry.\n");
    for (size_t i = 0; i < VERB_COUNT; i++) {
        if (strcmp(stage, VERBS[i]->stage) != 0)
            opk_buf_printf(&text, "\n%s\n", VERBS[i]->stage);
        stage = VERBS[i]->stage;
        opk_buf_printf(&text, "  %-12s %s\n", VERBS[i]->name, VERBS[i]->summary);
    }
    opk_buf_append_cstr(&text, "\ntry 'opk VERB --help' for the options of a verb\n");
    return print(cli, &text);
}

static int run_version(struct opk_cli *cli, const void *values)
{
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)values;
    opk_buf_append_cstr(&text, "opk " OPK_VERSION "\n");
    return print(cli, &text);
}

/* One case row a verb: its long options, from the same table as its help. */
static void completion_row(const struct opk_verb *verb, struct opk_buf *text)
{
    opk_buf_printf(text, "        %s) words='--help", verb->name);
    for (const struct opk_opt *opt = verb->opts; opt && opt->name; opt++)
        opk_buf_printf(text, " --%s", opt->name);
    opk_buf_append_cstr(text, "' ;;\n");
}

static int run_completion(struct opk_cli *cli, const void *values)
{
    struct opk_buf text = OPK_BUF_EMPTY;

    (void)values;
    if (strcmp(cli->operands[0], "bash") != 0) {
        struct opk_err err;
        opk_err_set(&err, OPK_E_USAGE, OPK_NOWHERE, "no completion for '%s'; try 'bash'",
                    cli->operands[0]);
        return opk_cli_fail(cli, &err);
    }
    opk_buf_append_cstr(&text, "# bash completion for opk; source it\n"
                               "_opk() {\n"
                               "    local words cur=${COMP_WORDS[COMP_CWORD]}\n"
                               "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                               "        words='");
    for (size_t i = 0; i < VERB_COUNT; i++)
        opk_buf_printf(&text, "%s%s", i ? " " : "", VERBS[i]->name);
    opk_buf_append_cstr(&text, "'\n    else\n        case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; i < VERB_COUNT; i++)
        completion_row(VERBS[i], &text);
    opk_buf_append_cstr(
        &text,
        "        esac\n"
        "        case $cur in -*) ;; *) COMPREPLY=($(compgen -f -- \"$cur\")); return ;; esac\n"
        "    fi\n"
        "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
        "}\n"
        "complete -F _opk opk\n");
    return print(cli, &text);
}

static int run_verb(struct opk_cli *cli, int argc, char **argv)
{
    struct opk_err err;
    struct opk_buf help = OPK_BUF_EMPTY;
    void *values = calloc(1, cli->verb->values_size + 1);
    enum opk_status status;
    int code;

    if (!values) {
        opk_err_set(&err, OPK_E_NOMEM, OPK_NOWHERE, "no memory for the options");
        return opk_cli_fail(cli, &err);
    }
    status = opk_opt_parse(cli, argc, argv, values, &err);
    if (status == OPK_END) {
        opk_opt_help(cli->verb, &help);
        code = print(cli, &help);
    } else if (status != OPK_OK) {
        code = opk_cli_fail(cli, &err);
        if (status == OPK_E_USAGE)
            (void)fprintf(cli->err, "try 'opk %s --help'\n", cli->verb->name);
    } else {
        code = cli->verb->run(cli, values);
    }
    free(values);
    return code;
}

int main(int argc, char **argv)
{
    struct opk_arena arena = {0};
    struct opk_cli cli = {.arena = &arena, .out = stdout, .err = stderr, .verb = &VERB_HELP};
    const char *name = argc > 1 ? argv[1] : "help";
    struct opk_err err;
    int code;

    /* A reader that goes away must not end a transaction half way: it is seen as a failed write. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    else if (strcmp(name, "--version") == 0)
        name = "version";
    cli.verb = find_verb(name);
    code = cli.verb ? run_verb(&cli, argc > 2 ? argc - 2 : 0, argv + (argc > 2 ? 2 : argc))
                    : unknown_verb(&cli, name);
    /* What a verb has told itself is not told again. */
    if (opk_cli_flush(&cli, &err) != OPK_OK && opk_exit_code(err.status) != code) {
        const int lost = opk_cli_fail(&cli, &err);
        code = lost > code ? lost : code;
    }
    opk_arena_done(&arena);
    return code;
}
