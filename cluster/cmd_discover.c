/*
 * opk discover - scan transcripts and refresh the drafts.
 */
#include "base/file.h"
#include "cluster/cmd_cluster.h"
#include "cluster/cmd_config.h"
#include "cluster/cmd_gather.h"
#include "cluster/cmd_known.h"
#include "cluster/cmd_memory.h"
#include "cluster/cmd_registered.h"
#include "cluster/draft.h"
#include "promote/decision.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MIN_SESSIONS 3
#define MEMORY       ((size_t)64 << 20)

/* Under a wall there are no more threads than have so much each. */
#define MEMORY_PER_JOB ((size_t)12 << 20)
static_assert(OPK_GATHER_MEMORY_MIN >= MEMORY_PER_JOB, "one thread always fits");

struct values {
    const char *drafts;
    const char *input_format;
    struct opk_opt_number jobs;
    struct opk_opt_list known;
    const char *memory;
    struct opk_opt_number min_sessions;
    const char *registry;
    bool strict;
};

static const struct opk_opt OPTS[] = {
    OPK_OPT("drafts", 'o', TEXT, "FILE", "write the drafts there; - is standard output",
            struct values, drafts),
    OPK_OPT("input-format", 0, TEXT, "NAME", "read every input as this format", struct values,
            input_format),
    OPK_OPT("jobs", 'j', NUMBER, "N", "threads; as many as processors when absent", struct values,
            jobs),
    OPK_OPT("known", 0, LIST, "PATH",
            "a package.json, Makefile or justfile, or a folder of them: its targets are known",
            struct values, known),
    OPK_OPT("memory", 0, TEXT, "SIZE",
            "never take more memory than this, 16M at least; without it, 64M are aimed at",
            struct values, memory),
    OPK_OPT("min-sessions", 0, NUMBER, "N",
            "sessions that a draft must be seen in; 3, or 1 when there are fewer", struct values,
            min_sessions),
    OPK_OPT("registry", 0, TEXT, "FILE", "what is registered already", struct values, registry),
    OPK_OPT("strict", 0, FLAG, NULL, "exit 3 when an input is unknown or damaged", struct values,
            strict),
    OPK_OPT_END,
};

/* One run of the verb. */
struct run {
    struct opk_cli *cli;
    const struct values *values;
    size_t jobs;
    const char *registry_path; /* or NULL */
    const char *drafts_path;   /* or NULL: standard output */
    struct opk_registered_kinds registered;
    struct opk_similar_index *similar;
    struct opk_known *project;
    struct opk_decisions decisions;
    struct opk_sources sources;
    struct opk_gathered gathered;
    struct opk_kinds kinds;
    struct opk_config config;
    struct opk_sequences sequences;
    struct opk_proposals proposals;
    struct opk_buf text;
    bool has_missing;
    bool has_problem;
};

/* ---- where the files are ---- */

static enum opk_status locate(struct run *run, struct opk_err *err)
{
    const struct values *values = run->values;
    enum opk_status status = OPK_OK;

    run->registry_path = values->registry;
    run->drafts_path = values->drafts;
    if (!values->registry)
        status = opk_registered_locate(run->cli, OPK_REGISTRY_PATH, &run->registry_path, err);
    if (!values->registry && !values->drafts && status == OPK_OK)
        status = opk_registered_locate(run->cli, OPK_DRAFTS_PATH, &run->drafts_path, err);
    if (run->drafts_path && strcmp(run->drafts_path, "-") == 0)
        run->drafts_path = NULL;
    return status;
}

/* ---- what is known already ---- */

/* A file that need not be there. */
static enum opk_status read_optional(const char *path, size_t max, struct opk_buf *out,
                                     struct opk_err *err)
{
    enum opk_status status = opk_file_read(path, max, out, err);

    return status == OPK_E_NOENT ? OPK_OK : status;
}

static enum opk_status read_decisions(struct run *run, struct opk_err *err)
{
    const char *slash = run->registry_path ? strrchr(run->registry_path, '/') : NULL;
    int folder = slash ? (int)(slash - run->registry_path) + 1 : 0;
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status = OPK_OK;

    if (run->registry_path) {
        struct opk_str path = opk_arena_printf(run->cli->arena, "%.*s" OPK_DECISIONS_NAME, folder,
                                               run->registry_path);
        status = opk_arena_check(run->cli->arena, err);
        if (status == OPK_OK)
            status = read_optional(path.data, OPK_DECISIONS_MAX, &text, err);
    }
    if (status == OPK_OK)
        status = opk_decisions_parse(opk_buf_str(&text), &run->decisions, err);
    opk_buf_done(&text);
    return status;
}

/* The registered kinds that a draft may be near to: all but those that another took the place of.
 */
static enum opk_status index_kinds(struct run *run, struct opk_err *err)
{
    const struct opk_registry *registry = &run->registered.registry;
    enum opk_status status = opk_similar_new(&run->similar, err);

    for (size_t i = 0; i < registry->count && status == OPK_OK; i++) {
        const struct opk_registered *kind = &registry->kinds[i];
        if (kind->status != OPK_KIND_SUPERSEDED)
            status = opk_similar_add(run->similar, kind->id, kind->matches, kind->match_count, err);
    }
    return status;
}

static bool is_taken(void *context, struct opk_str kind_id)
{
    const struct run *run = context;

    return opk_registry_find(&run->registered.registry, kind_id) != NULL;
}

static bool is_known_sequence(void *context, struct opk_str signature)
{
    const struct run *run = context;

    return opk_registered_sequence(&run->registered, signature).len > 0;
}

static bool is_promoted(void *context, struct opk_str draft_id)
{
    const struct run *run = context;

    return opk_registry_find_promoted(&run->registered.registry, draft_id) != NULL;
}

static bool is_declined(void *context, struct opk_str draft_id, uint64_t commands,
                        uint64_t sessions)
{
    const struct run *run = context;

    return opk_decisions_reject(&run->decisions, draft_id,
                                &(struct opk_support){commands, sessions});
}

/* ---- reading ---- */

static void note_source(void *context, const struct opk_err *err)
{
    struct run *run = context;

    opk_cli_note(run->cli, err);
    run->has_problem = true;
    run->has_missing = run->has_missing || err->status == OPK_E_NOENT;
}

static enum opk_status read_project(struct run *run, struct opk_err *err)
{
    const struct opk_notes notes = {note_source, run};
    const struct opk_opt_list *paths = &run->values->known;
    enum opk_status status = opk_known_new(&run->project, err);

    for (size_t i = 0; i < paths->count && status == OPK_OK; i++)
        status = opk_known_read(run->cli, paths->items[i], run->project, &notes, err);
    return status;
}

static size_t choose_jobs(const struct values *values)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t jobs = processors > 0 ? (uint64_t)processors : 1;

    if (values->jobs.given)
        jobs = values->jobs.value;
    if (jobs < 1)
        jobs = 1;
    return jobs < OPK_GATHER_JOBS_MAX ? (size_t)jobs : OPK_GATHER_JOBS_MAX;
}

/* 67108864, 65536K, 64M, 1G */
static bool parse_size(struct opk_str text, size_t *out_size)
{
    static const struct opk_str UNITS = OPK_STR_INIT("KMG");
    size_t unit = text.len > 0 ? opk_str_find_byte(UNITS, opk_to_upper(text.data[text.len - 1]), 0)
                               : OPK_NPOS;
    size_t shift = unit == OPK_NPOS ? 0 : 10 * (unit + 1);
    uint64_t number;

    if (!opk_str_to_u64(opk_str_slice(text, 0, text.len - (unit != OPK_NPOS)), &number) ||
        number > SIZE_MAX >> shift)
        return false;
    *out_size = (size_t)number << shift;
    return true;
}

static enum opk_status choose_limits(const struct values *values,
                                     struct opk_gather_limits *out_limits, struct opk_err *err)
{
    const char *folder = getenv("TMPDIR");

    *out_limits = (struct opk_gather_limits){
        .jobs = choose_jobs(values),
        .memory = MEMORY,
        .folder = folder && folder[0] != '\0' ? folder : "/tmp",
    };
    if (!values->memory)
        return OPK_OK;
    if (!parse_size(opk_str_of(values->memory), &out_limits->memory))
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                        "--memory takes a number of bytes with K, M or G behind it, not '%s'",
                        values->memory);
    if (out_limits->memory < OPK_GATHER_MEMORY_MIN)
        return opk_fail(err, OPK_E_USAGE, OPK_NOWHERE,
                        "--memory %s is too little to work with; at least %zuM are needed",
                        values->memory, OPK_GATHER_MEMORY_MIN >> 20);
    out_limits->is_strict = true;
    if (out_limits->jobs > out_limits->memory / MEMORY_PER_JOB)
        out_limits->jobs = out_limits->memory / MEMORY_PER_JOB;
    return OPK_OK;
}

static enum opk_status read_sources(struct run *run, struct opk_err *err)
{
    struct opk_notes notes = {note_source, run};
    const struct opk_reader *reader = NULL;
    struct opk_progress progress;
    struct opk_gather_limits limits;
    enum opk_status status = opk_reader_choose(run->values->input_format, &reader, err);

    if (status == OPK_OK)
        status = choose_limits(run->values, &limits, err);
    if (status == OPK_OK)
        status = opk_sources_collect(run->cli->operands, run->cli->operand_count,
                                     OPK_SOURCES_BY_PATH, &notes, &run->sources, err);
    if (status != OPK_OK)
        return status;
    /* An empty run must not replace what a good one found. */
    if (run->sources.count == 0)
        return opk_fail(err, OPK_E_NOENT, OPK_NOWHERE, "there is nothing to read");
    limits.classes = run->config.classes;
    run->jobs = limits.jobs;
    if (run->values->memory)
        (void)opk_memory_wall(limits.memory, limits.jobs);
    opk_progress_init(&progress, run->cli->err);
    status = opk_gather(&run->sources, reader, &limits, &progress, &run->gathered, err);
    if (status == OPK_OK)
        opk_summary_share(run->gathered.summary, limits.jobs);
    for (size_t i = 0; status == OPK_OK && i < run->gathered.source_count; i++) {
        if (run->gathered.problems[i])
            note_source(run, run->gathered.problems[i]);
    }
    /* Nor must a night in which nothing could be read. */
    if (status == OPK_OK && run->has_problem && run->gathered.sources == 0)
        return opk_fail(err, OPK_E_INVALID, OPK_NOWHERE,
                        "no input gave a command; the drafts are left as they are");
    return status;
}

/* ---- drafting ---- */

static enum opk_status draft(struct run *run, struct opk_err *err)
{
    uint64_t few = run->gathered.sessions < MIN_SESSIONS ? 1 : MIN_SESSIONS;
    const struct opk_draft_rules rules = {
        .min_sessions = run->values->min_sessions.given ? run->values->min_sessions.value : few,
        .sequences = &run->sequences,
        .is_known_sequence = is_known_sequence,
        .similar = run->similar,
        .is_taken = is_taken,
        .is_promoted = is_promoted,
        .is_declined = is_declined,
        .context = run,
    };
    const struct opk_kind_known known = {run->registered.matcher, run->project};
    enum opk_status status = opk_kinds_build(run->gathered.summary, &known, &run->kinds, err);

    const struct opk_sequence_rules sequence_rules = {
        .min_sessions = rules.min_sessions < UINT32_MAX ? (uint32_t)rules.min_sessions : UINT32_MAX,
        .noise = run->config.noise,
        .noise_count = run->config.noise_count,
    };

    if (status == OPK_OK)
        status = opk_sequences_build(opk_summary_sessions(run->gathered.summary), &run->kinds,
                                     &sequence_rules, &run->sequences, err);
    return status == OPK_OK ? opk_proposals_build(&run->kinds, &rules, &run->proposals, err)
                            : status;
}

/* The gate has seen every line of it. */
static enum opk_status write_file(struct run *run, struct opk_err *err)
{
    return run->drafts_path ? opk_file_replace(run->drafts_path, opk_buf_str(&run->text), err)
                            : opk_cli_write(run->cli, &run->text, err);
}

static enum opk_status write_drafts(struct run *run, struct opk_err *err)
{
    const struct opk_draft_totals totals = {
        .generated_by = "opk " OPK_VERSION,
        .sources = run->gathered.sources,
        .sessions = run->gathered.sessions,
        .commands = run->kinds.ledger.commands,
    };
    enum opk_status status =
        opk_proposals_write(&run->proposals, &totals, run->jobs, &run->text, err);

    return status == OPK_OK ? write_file(run, err) : status;
}

/* Where everything went. Nothing is dropped in silence: that the parts add up is checked. */
static enum opk_status tell_ledger(const struct run *run, struct opk_err *err)
{
    const struct opk_ledger *in = &run->kinds.ledger;
    const struct opk_draft_ledger *out = &run->proposals.ledger;
    FILE *to = run->cli->err;

    (void)fprintf(to,
                  "opk: %" PRIu64 " sources, %" PRIu64 " sessions; %" PRIu64
                  " repeated calls passed over\n",
                  run->gathered.sources, run->gathered.sessions, run->gathered.repeated);
    (void)fprintf(to,
                  "opk: %" PRIu64 " commands = %" PRIu64 " read + %" PRIu64
                  " rejected or not run + %" PRIu64 " documented + %" PRIu64 " empty\n",
                  in->commands, in->read, in->rejected, in->documents, in->empty);
    (void)fprintf(to,
                  "opk: %" PRIu64 " steps = %" PRIu64 " known + %" PRIu64 " drafted + %" PRIu64
                  " below support + %" PRIu64 " noise + %" PRIu64 " opaque + %" PRIu64
                  " declined + %" PRIu64 " withheld\n",
                  out->steps, out->known, out->drafted, out->below, out->noise, out->opaque,
                  out->declined, out->withheld);
    if (run->values->known.count > 0)
        (void)fprintf(to,
                      "opk: %" PRIu32 " targets in the project's files; %" PRIu64
                      " known steps call them\n",
                      opk_known_count(run->project), out->project);
    (void)fprintf(to, "opk: %zu drafts; %" PRIu64 " examples withheld\n", run->proposals.count,
                  run->proposals.examples_withheld);
    if (in->commands != in->read + in->rejected + in->documents + in->empty ||
        !opk_draft_ledger_adds_up(out))
        return opk_fail(err, OPK_E_INTERNAL, OPK_NOWHERE, "the ledger does not add up");
    return OPK_OK;
}

/* The wall was met, and nothing was written: what is distinct does not fit. */
static void tell_memory(const struct run *run, struct opk_err *err)
{
    char first[sizeof(err->message)];

    (void)snprintf(first, sizeof(first), "%s", err->message);
    opk_err_set(err, OPK_E_LIMIT, OPK_NOWHERE,
                "--memory %s does not hold what these inputs need (%s); nothing was written: give "
                "more, or fewer inputs at once",
                run->values->memory, first);
}

static int run_discover(struct opk_cli *cli, const void *values)
{
    struct run run = {.cli = cli, .values = values};
    struct opk_err err;
    enum opk_status status = locate(&run, &err);

    if (status == OPK_OK)
        status = opk_registered_read(cli, run.registry_path, false, &run.registered, &err);
    if (status == OPK_OK)
        status = index_kinds(&run, &err);
    if (status == OPK_OK)
        status = read_project(&run, &err);
    if (status == OPK_OK)
        status = opk_config_read(cli, &run.config, &err);
    if (status == OPK_OK)
        status = read_decisions(&run, &err);
    if (status == OPK_OK)
        status = read_sources(&run, &err);
    if (status == OPK_OK)
        status = draft(&run, &err);
    if (status == OPK_OK)
        status = write_drafts(&run, &err);
    if (status == OPK_OK)
        status = tell_ledger(&run, &err);
    opk_buf_done(&run.text);
    opk_proposals_done(&run.proposals);
    opk_sequences_done(&run.sequences);
    opk_kinds_done(&run.kinds);
    opk_gathered_done(&run.gathered);
    opk_config_done(&run.config);
    opk_sources_done(&run.sources);
    opk_decisions_done(&run.decisions);
    opk_similar_free(run.similar);
    opk_known_free(run.project);
    opk_registered_done(&run.registered);
    if (status == OPK_E_NOMEM && run.values->memory)
        tell_memory(&run, &err);
    if (status != OPK_OK)
        return opk_cli_fail(cli, &err);
    return run.has_missing || (run.values->strict && run.has_problem) ? OPK_EXIT_INVALID
                                                                      : OPK_EXIT_OK;
}

const struct opk_verb OPK_VERB_DISCOVER = {
    .name = "discover",
    .stage = "commands to drafts",
    .summary = "scan transcripts and refresh the drafts",
    .operands = "PATH...",
    .details = "A PATH is a transcript, compressed or not, a folder of them, or - for standard\n"
               "input. What recurs in them becomes draft operation kinds, best first; what the\n"
               "registry matches is counted as known, what a reviewer rejected stays away until\n"
               "its evidence has grown. What a project's own files name (--known) is known too.\n"
               "\n"
               "Inside a pattern repository the drafts go to its drafts file; elsewhere, without\n"
               "--drafts, to standard output. The same transcripts give the same bytes, in\n"
               "whatever order and with however many threads they are read. Where --memory is\n"
               "little there are fewer threads than --jobs says.\n"
               "\n"
               "An input that is unknown or damaged is told in one line on standard error, and\n"
               "the others are read; where none gives a command, the drafts stay as they are and\n"
               "the exit code is 3. A ledger on standard error says where every command went.\n",
    .opts = OPTS,
    .values_size = sizeof(struct values),
    .min_operands = 1,
    .max_operands = OPK_OPERANDS_ANY,
    .run = run_discover,
};
