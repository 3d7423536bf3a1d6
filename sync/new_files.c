/* The texts of a new card and of the files of its suite: enough to begin with, and sound. */
#include "sync/new_card.h"

#include "base/template.h"
#include "sync/emit.h"
#include "sync/layout.h"

/* The documents of a pattern: their title before its name, and the sections that each holds. */
static const struct doc {
    const char *key;
    const char *file;
    const char *title;
    const char *section;
    const char *heading; /* of a second section, or NULL */
    const char *second;
    bool has_summary;
} DOCS[] = {
    {"executor_doc", "EXECUTOR.md", "Running ", "EXECUTOR_SIGNATURE", "Operation kinds",
     "OPERATION_KIND_TABLE", false},
    {"examples_doc", "EXAMPLES.md", "Examples of ", "CANONICAL_EXAMPLES", NULL, NULL, false},
    {"tests_doc", "TESTS.md", "Tests of ", "TESTS_TABLE", NULL, NULL, false},
    {"readme", "README.md", "", "PATTERN_META", NULL, NULL, true},
};
#define DOC_COUNT (sizeof(DOCS) / sizeof(DOCS[0]))

static struct opk_tval list_value(struct opk_arena *arena, const struct opk_str *items,
                                  size_t count)
{
    struct opk_tval list = {.kind = OPK_TVAL_SEQ, .text = OPK_STR_EMPTY};

    list.items = opk_arena_array(arena, count + 1, sizeof(*list.items));
    for (size_t i = 0; list.items && i < count; i++)
        list.items[list.count++] = opk_tval_string(items[i]);
    return list;
}

static struct opk_str doc_path(const struct opk_new_card *card, struct opk_arena *arena,
                               const char *file)
{
    return opk_arena_printf(arena, "%.*s/%s", OPK_STR_FMT(card->folder), file);
}

static struct opk_tval docs_value(const struct opk_new_card *card, struct opk_arena *arena)
{
    struct opk_tval docs;

    opk_tval_map_init(&docs, arena, DOC_COUNT);
    for (size_t i = 0; i < DOC_COUNT; i++)
        opk_tval_map_add(&docs, opk_str_of(DOCS[i].key),
                         opk_tval_string(doc_path(card, arena, DOCS[i].file)));
    return docs;
}

void opk_new_card_text(const struct opk_new_card *card, struct opk_arena *arena,
                       struct opk_buf *out)
{
    struct opk_tval map;
    struct opk_tval suite;

    opk_tval_map_init(&suite, arena, 7);
    opk_tval_map_add(&suite, OPK_STR("folder"), opk_tval_string(card->folder));
    opk_tval_map_add(&suite, OPK_STR("spec"), opk_tval_string(card->spec));
    opk_tval_map_add(&suite, OPK_STR("schema"), opk_tval_string(card->schema));
    opk_tval_map_add(&suite, OPK_STR("executor"), opk_tval_string(card->executor));
    opk_tval_map_add(&suite, OPK_STR("tests"), list_value(arena, card->tests, card->test_count));
    opk_tval_map_add(&suite, OPK_STR("examples_dir"), opk_tval_string(card->examples_dir));
    opk_tval_map_add(&suite, OPK_STR("docs"), docs_value(card, arena));
    opk_tval_map_init(&map, arena, 12);
    opk_tval_map_add(&map, OPK_STR("ulid"), opk_tval_string(card->ulid));
    opk_tval_map_add(&map, OPK_STR("pattern_key"), opk_tval_string(card->key));
    opk_tval_map_add(&map, OPK_STR("pattern_id"), opk_tval_string(card->id));
    opk_tval_map_add(&map, OPK_STR("doc_id"), opk_tval_string(card->doc_id));
    opk_tval_map_add(&map, OPK_STR("semver"), opk_tval_string(card->semver));
    opk_tval_map_add(&map, OPK_STR("status"), opk_tval_string(card->status));
    opk_tval_map_add(&map, OPK_STR("category"), opk_tval_string(card->category));
    opk_tval_map_add(&map, OPK_STR("layer"), opk_tval_string(card->layer));
    opk_tval_map_add(&map, OPK_STR("operation_kinds"),
                     list_value(arena, card->kinds, card->kind_count));
    if (card->summary.len > 0)
        opk_tval_map_add(&map, OPK_STR("summary"), opk_tval_string(card->summary));
    opk_tval_map_add(&map, OPK_STR("suite"), suite);
    opk_buf_printf(out,
                   "# The source of everything that derives from this pattern; after a change: "
                   "opk sync %.*s\nschema_version: 1\n",
                   OPK_STR_FMT(card->key));
    opk_emit_map(&map, 0, out);
}

/* Fields at the top of a new spec, then what a person goes on from. */
static void spec_text(const struct opk_new_card *card, struct opk_str name, struct opk_arena *arena,
                      struct opk_buf *out)
{
    struct opk_tval map;
    struct opk_tval kinds;

    opk_tval_map_init(&map, arena, 7);
    opk_tval_map_add(&map, OPK_STR("pattern_id"), opk_tval_string(card->id));
    opk_tval_map_add(&map, OPK_STR("doc_id"), opk_tval_string(card->doc_id));
    opk_tval_map_add(&map, OPK_STR("name"), opk_tval_string(name));
    opk_tval_map_add(&map, OPK_STR("version"), opk_tval_string(card->semver));
    opk_tval_map_add(&map, OPK_STR("status"), opk_tval_string(card->status));
    opk_tval_map_add(&map, OPK_STR("category"), opk_tval_string(card->category));
    if (card->summary.len > 0)
        opk_tval_map_add(&map, OPK_STR("intent"), opk_tval_string(card->summary));
    opk_tval_map_init(&kinds, arena, 1);
    opk_tval_map_add(&kinds, OPK_STR("operation_kinds"),
                     list_value(arena, card->kinds, card->kind_count));
    opk_buf_append_cstr(out,
                        "# What a runtime reads. The mirrored fields follow the card; all other "
                        "keys are yours.\n");
    opk_emit_map(&map, 0, out);
    opk_buf_append_cstr(out, "\n"
                             "inputs: {} # a name, and what it is\n"
                             "\n"
                             "outputs: {}\n"
                             "\n"
                             "# PATTERN_AUTO:PATTERN_META:BEGIN\n"
                             "# PATTERN_AUTO:PATTERN_META:END\n"
                             "\n"
                             "# PATTERN_AUTO:PATTERN_INPUT_OUTPUT:BEGIN\n"
                             "# PATTERN_AUTO:PATTERN_INPUT_OUTPUT:END\n"
                             "\n"
                             "steps: []\n"
                             "\n");
    opk_emit_map(&kinds, 0, out);
}

static void schema_text(const struct opk_new_card *card, struct opk_buf *out)
{
    opk_buf_printf(out,
                   "{\n"
                   "  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n"
                   "  \"title\": \"Input of %.*s\",\n"
                   "  \"type\": \"object\",\n"
                   "  \"additionalProperties\": false,\n"
                   "  \"properties\": {}\n"
                   "}\n",
                   OPK_STR_FMT(card->id));
}

/* A program that says that it does nothing yet; in PowerShell, or in shell. */
static void script_text(const struct opk_new_card *card, struct opk_str path, const char *what,
                        struct opk_buf *out)
{
    bool is_shell = opk_str_ends(path, OPK_STR(".sh"));

    if (is_shell)
        opk_buf_printf(out, "#!/bin/sh\n# %s of %.*s.\necho '%s of %.*s: not written yet' >&2\n",
                       what, OPK_STR_FMT(card->id), what, OPK_STR_FMT(card->id));
    else
        opk_buf_printf(out,
                       "<#\n.SYNOPSIS\n    %s of %.*s.\n#>\nparam([string]$InputPath)\n\n"
                       "Set-StrictMode -Version Latest\n$ErrorActionPreference = 'Stop'\n\n"
                       "[Console]::Error.WriteLine('%s of %.*s: not written yet')\n",
                       what, OPK_STR_FMT(card->id), what, OPK_STR_FMT(card->id));
    opk_buf_append_cstr(out, "exit 1\n");
}

static void section_text(const char *id, struct opk_buf *out)
{
    opk_buf_printf(out, "\n<!-- PATTERN_AUTO:%s:BEGIN -->\n<!-- PATTERN_AUTO:%s:END -->\n", id, id);
}

static void doc_text(const struct opk_new_card *card, struct opk_str name, const struct doc *doc,
                     struct opk_buf *out)
{
    opk_buf_printf(out, "# %s", doc->title);
    for (size_t i = 0; i < name.len; i++)
        opk_buf_append_byte(out, name.data[i] == '_' ? ' ' : name.data[i]);
    opk_buf_append_byte(out, '\n');
    if (doc->has_summary && card->summary.len > 0)
        opk_buf_printf(out, "\n%.*s\n", OPK_STR_FMT(card->summary));
    section_text(doc->section, out);
    if (!doc->heading)
        return;
    opk_buf_printf(out, "\n## %s\n", doc->heading);
    section_text(doc->second, out);
}

/* A file that is not there gets the text, which is emptied for the next one. */
static enum opk_status put(struct opk_repo *repo, struct opk_str path, struct opk_buf *text,
                           struct opk_err *err)
{
    struct opk_file *file;
    enum opk_status status = opk_files_open(&repo->files, path, &file, err);

    if (status == OPK_OK)
        status = opk_buf_check(text, err);
    if (status == OPK_OK && !file->exists)
        status = opk_files_set(&repo->files, file, opk_buf_str(text), err);
    opk_buf_clear(text);
    return status;
}

/* An input that the new schema takes, where the folder of examples is not there. */
static enum opk_status put_example(struct opk_repo *repo, const struct opk_new_card *card,
                                   struct opk_buf *text, struct opk_err *err)
{
    if (opk_root_has_folder(&repo->root, card->examples_dir.data))
        return OPK_OK;
    bool has_slash = opk_str_ends(card->examples_dir, OPK_STR("/"));
    struct opk_str path = opk_arena_printf(&repo->files.arena, "%.*s%sleast.json",
                                           OPK_STR_FMT(card->examples_dir), has_slash ? "" : "/");
    opk_buf_append_cstr(text, "{}\n");
    return put(repo, path, text, err);
}

enum opk_status opk_new_card_files(struct opk_repo *repo, const struct opk_new_card *card,
                                   struct opk_err *err)
{
    struct opk_arena *arena = &repo->files.arena;
    struct opk_str name = opk_layout_name(arena, card->key);
    struct opk_buf text = OPK_BUF_EMPTY;
    enum opk_status status;

    spec_text(card, name, arena, &text);
    status = put(repo, card->spec, &text, err);
    schema_text(card, &text);
    if (status == OPK_OK)
        status = put(repo, card->schema, &text, err);
    script_text(card, card->executor, "executor", &text);
    if (status == OPK_OK)
        status = put(repo, card->executor, &text, err);
    for (size_t i = 0; i < card->test_count && status == OPK_OK; i++) {
        script_text(card, card->tests[i], "test", &text);
        status = put(repo, card->tests[i], &text, err);
    }
    for (size_t i = 0; i < DOC_COUNT && status == OPK_OK; i++) {
        doc_text(card, name, &DOCS[i], &text);
        status = put(repo, doc_path(card, arena, DOCS[i].file), &text, err);
    }
    if (status == OPK_OK)
        status = put_example(repo, card, &text, err);
    opk_buf_done(&text);
    return status == OPK_OK ? opk_arena_check(arena, err) : status;
}
