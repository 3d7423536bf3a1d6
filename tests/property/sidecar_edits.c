/*
 * sidecar_edits.c - random edits of documents, and what their sidecars must keep through them.
 *
 * usage: sidecar_edits SCRIPTS SEED DOCUMENT...
 *
 * A script is up to six edits of a document: lines and words of any text, blocks of Markdown, nodes
 * of YAML. After each script, of the sidecar made new: as many blocks that say what an old one said
 * keep such a block's id as there can be; no id is on two blocks; an id that was retired never
 * comes back; making it again gives the same bytes, and so does reading what was written; a patch
 * with the digest of its block changes that block alone, and with any other digest nothing.
 */
#include "base/file.h"
#include "base/yaml_edit.h"
#include "sync/sidecar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ULID          "01JD8W1C6Q5T0V2X4Z6B8D0F2H"
#define EDITS_MAX     6
#define SCRIPTS_A_DOC 25 /* then the next document begins */
#define TEXT_MAX      20000

struct world {
    uint64_t state; /* of the generator */
    const char *path;
    struct opk_buf text;
    struct opk_sidecar sidecar;
    struct opk_map *retired; /* every id that ever was */
    size_t scripts;
    size_t kept; /* blocks that an old one's id was kept for */
    size_t blocks;
    size_t patches;
    size_t refused;
    size_t unread; /* scripts whose result is no document */
};

static void fail(const struct world *world, const char *what)
{
    fprintf(stderr, "script %zu of %s: %s\n%.*s\n", world->scripts, world->path, what,
            OPK_STR_FMT(opk_buf_str(&world->text)));
    exit(1);
}

/* Steele, Lea and Flood's SplitMix64. */
static uint64_t next(struct world *world)
{
    uint64_t z = world->state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static size_t below(struct world *world, size_t bound)
{
    return bound ? (size_t)(next(world) % bound) : 0;
}

/* ---- edits of any text ---- */

static struct opk_span pick_line(struct world *world)
{
    struct opk_str text = opk_buf_str(&world->text);
    size_t at = below(world, text.len);
    size_t begin = opk_str_rfind_byte(opk_str_slice(text, 0, at), '\n');
    size_t end = opk_str_find_byte(text, '\n', at);

    return (struct opk_span){begin == OPK_NPOS ? 0 : begin + 1,
                             end == OPK_NPOS ? text.len : end + 1};
}

static void splice(struct world *world, struct opk_span span, struct opk_str with)
{
    struct opk_buf copy = OPK_BUF_EMPTY; /* with may lie in the text */
    size_t end = span.end < world->text.len ? span.end : world->text.len;

    opk_buf_append(&copy, with);
    opk_buf_splice(&world->text, span.begin < end ? span.begin : end, end, opk_buf_str(&copy));
    opk_buf_done(&copy);
}

static const char *const LINES[] = {
    "# A heading of this kind\n\n",
    "\n## Below it\n\n",
    "\nA paragraph of some words that\nis broken over two lines.\n\n",
    "- an item of a list\n",
    "- an item of a list\n",
    "  - one within another\n",
    "1. the first of them\n",
    "\n```sh\nrun this --now\n\nand that\n```\n\n",
    "\n    code that is indented\n\n    and goes on\n",
    "\n| a | b |\n|---|---|\n| 1 | two |\n\n",
    "> said by another\n",
    "\n<!-- a comment\n\nof some lines -->\n",
    "---\n",
    "Title\n=====\n",
    "\n",
    "key_of_some_kind: value\n",
    "  - item\n",
};

static void add_line(struct world *world)
{
    size_t at = pick_line(world).begin;

    splice(world, (struct opk_span){at, at},
           opk_str_of(LINES[below(world, sizeof(LINES) / sizeof(LINES[0]))]));
}

static void delete_line(struct world *world)
{
    splice(world, pick_line(world), OPK_STR_EMPTY);
}

static void repeat_line(struct world *world)
{
    struct opk_span line = pick_line(world);
    size_t to = pick_line(world).begin;

    splice(world, (struct opk_span){to, to},
           opk_str_slice(opk_buf_str(&world->text), line.begin, line.end));
}

/* A word of letters becomes another one. */
static void change_word(struct world *world)
{
    char *data = world->text.data;
    size_t at = below(world, world->text.len);

    while (at < world->text.len && !opk_is_lower(data[at]))
        at++;
    for (; at < world->text.len && opk_is_lower(data[at]); at++)
        data[at] = (char)('a' + below(world, 26));
}

/* Blanks where blanks are: no block says anything else for it. */
static void add_blank(struct world *world)
{
    size_t at = below(world, world->text.len);

    while (at < world->text.len && world->text.data[at] != ' ')
        at++;
    if (at < world->text.len)
        splice(world, (struct opk_span){at, at}, OPK_STR(" "));
}

/* ---- edits of blocks ---- */

/* A block's lines, to the next block: with the blank lines and marks behind it. Where they are was
 * true before the script. */
static struct opk_span pick_block(struct world *world)
{
    const struct opk_blocks *blocks = &world->sidecar.blocks;
    size_t at = below(world, blocks->count);

    if (blocks->count == 0)
        return (struct opk_span){0, 0};
    size_t end = at + 1 < blocks->count ? blocks->items[at + 1].span.begin : world->text.len;
    size_t begin = blocks->items[at].span.begin;
    return end > begin ? (struct opk_span){begin, end} : (struct opk_span){begin, begin};
}

static void move_block(struct world *world)
{
    struct opk_span from = pick_block(world);
    size_t to = pick_block(world).begin;
    struct opk_buf copy = OPK_BUF_EMPTY;

    opk_buf_append(&copy, opk_str_slice(opk_buf_str(&world->text), from.begin, from.end));
    if (to >= from.end) {
        splice(world, (struct opk_span){to, to}, opk_buf_str(&copy));
        splice(world, from, OPK_STR_EMPTY);
    } else if (to <= from.begin) {
        splice(world, from, OPK_STR_EMPTY);
        splice(world, (struct opk_span){to, to}, opk_buf_str(&copy));
    }
    opk_buf_done(&copy);
}

static void delete_block(struct world *world)
{
    splice(world, pick_block(world), OPK_STR_EMPTY);
}

/* ---- edits of YAML ---- */

static const struct opk_node *pick_node(struct world *world, const struct opk_doc *doc)
{
    size_t steps = below(world, doc->node_count);
    const struct opk_node *node = doc->root;

    for (const struct opk_node *at = node; at && steps > 0; at = opk_node_next(at), steps--)
        node = at;
    return node;
}

static void edit_yaml(struct world *world)
{
    const struct opk_yaml_limits limits = {.bytes = OPK_YAML_CARD_MAX};
    const struct opk_value words = {.kind = OPK_VALUE_STRING,
                                    .text = OPK_STR_INIT("words that are new"),
                                    .key = OPK_STR_INIT("added")};
    const struct opk_value map = {.kind = OPK_VALUE_MAP,
                                  .text = OPK_STR_INIT(""),
                                  .key = OPK_STR_INIT("more"),
                                  .items = &words,
                                  .count = 1};
    const struct opk_value *value = below(world, 2) ? &words : &map;
    struct opk_yaml_edit *edit = NULL;
    struct opk_buf out = OPK_BUF_EMPTY;
    enum opk_status status;

    if (opk_yaml_edit_new(opk_buf_str(&world->text), world->path, limits, &edit, NULL) != OPK_OK)
        return;
    const struct opk_node *node = pick_node(world, opk_yaml_edit_doc(edit));
    if (!node || !node->parent)
        status = OPK_E_REFUSED;
    else if (below(world, 3) == 0)
        status = opk_yaml_edit_delete(edit, node, NULL);
    else if (below(world, 2) == 0)
        status = opk_yaml_edit_insert(edit, node, value, NULL);
    else
        status = opk_yaml_edit_replace(edit, node, value, NULL);
    if (status == OPK_OK && opk_yaml_edit_finish(edit, &out, NULL) == OPK_OK) {
        opk_buf_clear(&world->text);
        opk_buf_append(&world->text, opk_buf_str(&out));
    }
    opk_buf_done(&out);
    opk_yaml_edit_free(edit);
}

static void (*const EDITS[])(struct world *world) = {
    add_line,    delete_line, repeat_line, change_word, change_word,
    change_word, add_blank,   move_block,  move_block,  delete_block,
};
static void (*const YAML_EDITS[])(struct world *world) = {
    edit_yaml, edit_yaml, edit_yaml, change_word, change_word, add_blank, delete_line, repeat_line,
};

/* ---- what must hold ---- */

static struct opk_str key_of(const struct opk_sidecar *sidecar, size_t at, char *room)
{
    const struct opk_block *block = &sidecar->blocks.items[at];

    room[0] = (char)block->kind;
    opk_hash128_text(block->digest, room + 1);
    return opk_str_bytes(room, OPK_HASH128_TEXT);
}

/* Of the blocks that say one thing, how many there were, are, and have the id of one that was. */
struct tally {
    size_t old;
    size_t now;
    size_t kept;
};

static void check_untouched(struct world *world, const struct opk_sidecar *old,
                            const struct opk_sidecar *now)
{
    size_t most = old->blocks.count + now->blocks.count + 1;
    struct tally *tallies = calloc(most, sizeof(*tallies));
    uint32_t *owners = calloc(most, sizeof(*owners)); /* of an old id: its words */
    struct opk_map *keys = NULL;
    struct opk_map *ids = NULL;
    char room[1 + OPK_HASH128_TEXT];
    uint32_t key;
    uint32_t id;
    bool is_new;

    if (!tallies || !owners || opk_map_new(&keys, NULL) || opk_map_new(&ids, NULL))
        fail(world, "no memory");
    for (size_t i = 0; i < old->blocks.count; i++) {
        if (opk_map_add(keys, key_of(old, i, room), &key, &is_new, NULL) ||
            opk_map_add(ids, old->mfids[i], &id, &is_new, NULL))
            fail(world, "no memory");
        tallies[key].old++;
        owners[id] = key;
    }
    for (size_t i = 0; i < now->blocks.count; i++) {
        if (opk_map_add(keys, key_of(now, i, room), &key, &is_new, NULL))
            fail(world, "no memory");
        tallies[key].now++;
        tallies[key].kept += opk_map_find(ids, now->mfids[i], &id) && owners[id] == key;
    }
    for (uint32_t i = 0; i < opk_map_count(keys); i++) {
        size_t both = tallies[i].old < tallies[i].now ? tallies[i].old : tallies[i].now;
        if (tallies[i].kept < both)
            fail(world, "a block that nobody touched has another id");
        world->kept += both;
    }
    world->blocks += now->blocks.count;
    opk_map_free(keys);
    opk_map_free(ids);
    free(tallies);
    free(owners);
}

static void check_ids(struct world *world, const struct opk_sidecar *now)
{
    struct opk_map *seen = NULL;
    uint32_t index;
    bool is_new;

    if (opk_map_new(&seen, NULL))
        fail(world, "no memory");
    for (size_t i = 0; i < now->blocks.count; i++) {
        if (!opk_mfid_is_valid(now->mfids[i]) ||
            opk_map_add(seen, now->mfids[i], &index, &is_new, NULL))
            fail(world, "a bad id");
        if (!is_new)
            fail(world, "an id is on two blocks");
        if (opk_map_find(world->retired, now->mfids[i], &index))
            fail(world, "an id came back");
    }
    for (size_t i = 0; i < now->retired_count; i++) {
        if (opk_map_add(world->retired, now->retired[i], &index, &is_new, NULL))
            fail(world, "no memory");
        if (opk_map_find(seen, now->retired[i], &index))
            fail(world, "a retired id is in use");
    }
    if (opk_map_count(world->retired) != now->retired_count)
        fail(world, "a retired id was forgotten");
    opk_map_free(seen);
}

static void write_to(struct world *world, const struct opk_sidecar *sidecar, struct opk_buf *out)
{
    opk_buf_clear(out);
    if (opk_sidecar_write(sidecar, world->path, out, NULL))
        fail(world, "the sidecar is not written");
}

static void check_stable(struct world *world, const struct opk_sidecar *now)
{
    struct opk_buf first = OPK_BUF_EMPTY;
    struct opk_buf second = OPK_BUF_EMPTY;
    struct opk_sidecar again;
    struct opk_err err;

    write_to(world, now, &first);
    if (opk_sidecar_make(
            &(const struct opk_sidecar_doc){opk_buf_str(&world->text), world->path, OPK_STR(ULID)},
            now, NULL, &again, &err))
        fail(world, err.message);
    write_to(world, &again, &second);
    opk_sidecar_done(&again);
    if (!opk_str_eq(opk_buf_str(&first), opk_buf_str(&second)))
        fail(world, "made again it is another one");
    if (opk_sidecar_parse(opk_buf_str(&first), "sidecar", &again, &err))
        fail(world, err.message);
    write_to(world, &again, &second);
    opk_sidecar_done(&again);
    if (!opk_str_eq(opk_buf_str(&first), opk_buf_str(&second)))
        fail(world, "read again it is another one");
    opk_buf_done(&first);
    opk_buf_done(&second);
}

/* The patched document: its block has the id, and the others theirs. */
static void check_patched(struct world *world, struct opk_str text, size_t at,
                          const struct opk_sidecar_pair *same)
{
    const struct opk_sidecar *old = &world->sidecar;
    struct opk_sidecar now;
    struct opk_err err;

    if (opk_sidecar_make(&(const struct opk_sidecar_doc){text, world->path, OPK_STR(ULID)}, old,
                         same, &now, &err))
        fail(world, err.message);
    if (at >= now.blocks.count || !opk_str_eq(now.mfids[at], old->mfids[at]))
        fail(world, "a patched block lost its id");
    for (size_t i = 0; i < at; i++) {
        if (!opk_str_eq(now.mfids[i], old->mfids[i]))
            fail(world, "a patch changed the id of another block");
    }
    opk_sidecar_done(&now);
}

static void check_patch(struct world *world)
{
    size_t at = below(world, world->sidecar.blocks.count);
    char digest[OPK_HASH128_TEXT];
    struct opk_buf said = OPK_BUF_EMPTY;
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_sidecar_pair same;
    struct opk_str text = opk_buf_str(&world->text);

    if (world->sidecar.blocks.count == 0)
        return;
    const struct opk_block *block = &world->sidecar.blocks.items[at];
    opk_buf_append(&said, opk_str_slice(text, block->span.begin, block->span.end));
    opk_buf_append_cstr(&said, " and more");
    opk_hash128_text(block->digest, digest);
    struct opk_sidecar_patch patch = {world->sidecar.mfids[at], opk_str_of(digest),
                                      opk_buf_str(&said)};
    struct opk_sidecar_doc doc = {text, world->path, world->sidecar.ulid};
    enum opk_status status = opk_sidecar_apply(&doc, &world->sidecar, &patch, &out, &same, NULL);
    if (status == OPK_OK) {
        world->patches++;
        check_patched(world, opk_buf_str(&out), at, &same);
    } else if (status == OPK_E_REFUSED && out.len == 0) {
        world->refused++;
    } else {
        fail(world, "a patch fails, or leaves something behind");
    }
    opk_buf_clear(&out);
    digest[below(world, 32)] ^= 1;
    if (opk_sidecar_apply(&doc, &world->sidecar, &patch, &out, &same, NULL) != OPK_E_CONFLICT ||
        out.len > 0)
        fail(world, "a patch of another text was taken");
    opk_buf_done(&said);
    opk_buf_done(&out);
}

/* ---- documents and scripts ---- */

static void run_script(struct world *world)
{
    bool is_yaml = !opk_str_ends(opk_str_of(world->path), OPK_STR(".md"));
    size_t edits = 1 + below(world, EDITS_MAX);
    struct opk_buf before = OPK_BUF_EMPTY;
    struct opk_sidecar now;
    enum opk_status status;

    opk_buf_append(&before, opk_buf_str(&world->text));
    for (size_t i = 0; i < edits && world->text.len > 0 && world->text.len < TEXT_MAX; i++) {
        if (is_yaml)
            YAML_EDITS[below(world, sizeof(YAML_EDITS) / sizeof(YAML_EDITS[0]))](world);
        else
            EDITS[below(world, sizeof(EDITS) / sizeof(EDITS[0]))](world);
    }
    status = opk_sidecar_make(
        &(const struct opk_sidecar_doc){opk_buf_str(&world->text), world->path, OPK_STR(ULID)},
        &world->sidecar, NULL, &now, NULL);
    if (status == OPK_OK) {
        check_untouched(world, &world->sidecar, &now);
        opk_sidecar_done(&world->sidecar);
        world->sidecar = now;
        check_ids(world, &now);
        check_stable(world, &now);
        check_patch(world);
    } else if (status == OPK_E_SYNTAX || status == OPK_E_INVALID) {
        world->unread++;
        opk_buf_clear(&world->text);
        opk_buf_append(&world->text, opk_buf_str(&before));
    } else {
        fail(world, "no sidecar");
    }
    opk_buf_done(&before);
    world->scripts++;
}

static void run_document(struct world *world, size_t scripts)
{
    struct opk_err err;

    opk_buf_clear(&world->text);
    if (opk_file_read(world->path, TEXT_MAX, &world->text, &err) ||
        opk_sidecar_make(
            &(const struct opk_sidecar_doc){opk_buf_str(&world->text), world->path, OPK_STR(ULID)},
            NULL, NULL, &world->sidecar, &err) ||
        opk_map_new(&world->retired, &err))
        fail(world, err.message);
    for (size_t i = 0; i < scripts; i++)
        run_script(world);
    opk_sidecar_done(&world->sidecar);
    opk_map_free(world->retired);
}

int main(int argc, char **argv)
{
    struct world world = {0};
    size_t scripts = argc > 3 ? strtoul(argv[1], NULL, 10) : 0;

    if (scripts == 0) {
        fprintf(stderr, "usage: sidecar_edits SCRIPTS SEED DOCUMENT...\n");
        return 2;
    }
    world.state = strtoull(argv[2], NULL, 10);
    for (int at = 3; world.scripts < scripts; at = at + 1 < argc ? at + 1 : 3) {
        world.path = argv[at];
        run_document(&world, SCRIPTS_A_DOC);
    }
    printf("%zu scripts: of %zu blocks %zu say what an old one said and have its id; %zu patches, "
           "%zu refused; %zu scripts undone\n",
           world.scripts, world.blocks, world.kept, world.patches, world.refused, world.unread);
    opk_buf_done(&world.text);
    return 0;
}
