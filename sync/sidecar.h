/*
 * sidecar.h - ids of the blocks of a document, kept beside it through every edit.
 *
 * Shape:   X.md.sidecar.yaml lies beside X.md and lists its blocks (block.h), each with an MFID:
 *          the ULID of the document, "#" and eight digits of Crockford's base 32. Making it new
 *          keeps the id of every block that is still there.
 * Same:    a block is the old one whose words it has, in the same order of blocks (lcs.h); what is
 *          left, one with the same words in its section, then anywhere; then a mapping with the
 *          same key in the same mapping; then the one of its section whose words it shares most, at
 *          least OPK_SIDECAR_OVERLAP of the longer. Any other is new. Kinds are never mixed.
 * Ids:     a new id is made of the document, its ULID, the kind, the section and the words, counted
 *          up while it is taken: the same edit gives the same ids everywhere. An id whose block is
 *          gone is retired and never given again.
 * Units:   spans are bytes; ordinals count from 1.
 * Memory:  a sidecar owns all it holds.
 * Errors:  OPK_E_INVALID with the line for a sidecar that breaks its contract; OPK_E_LIMIT past
 *          OPK_SIDECAR_RETIRED_MAX ids; what block.h says of the document.
 */
#ifndef OPK_SYNC_SIDECAR_H
#define OPK_SYNC_SIDECAR_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "sync/block.h"

#define OPK_SIDECAR_SUFFIX      ".sidecar.yaml"
#define OPK_MFID_LEN            35                /* of an MFID: a ULID, "#" and its digits */
#define OPK_MFID_DIGITS         8                 /* behind the "#" */
#define OPK_SIDECAR_RETIRED_MAX 262144            /* ids of blocks that are gone */
#define OPK_SIDECAR_PAIRS_MAX   ((size_t)1 << 22) /* of blocks compared by their words */
#define OPK_SIDECAR_OVERLAP     0.6

struct opk_sidecar {
    struct opk_str ulid;       /* of the document */
    struct opk_hash128 source; /* of the document's bytes */
    struct opk_blocks blocks;  /* owned */
    struct opk_str *mfids;     /* of each block; in the arena of blocks */
    struct opk_str *retired;   /* in the arena of blocks, sorted */
    size_t retired_count;
};

void opk_sidecar_done(struct opk_sidecar *sidecar);

/** "ULID#digits" */
bool opk_mfid_is_valid(struct opk_str text);

/** Read a sidecar's text; path is for messages only. */
OPK_MUST_USE enum opk_status opk_sidecar_parse(struct opk_str text, const char *path,
                                               struct opk_sidecar *out_sidecar,
                                               struct opk_err *err);

/** Append the text of a sidecar that lies beside the document of a path. */
OPK_MUST_USE enum opk_status opk_sidecar_write(const struct opk_sidecar *sidecar, const char *path,
                                               struct opk_buf *out, struct opk_err *err);

/* A block that is known to be an old one, whatever it says: what a patch has changed. */
struct opk_sidecar_pair {
    size_t old;
    size_t new;
};

/* A document, and whose ids its blocks get. */
struct opk_sidecar_doc {
    struct opk_str text;
    const char *path;
    struct opk_str ulid;
};

/**
 * The sidecar of a document. old, which has the same ULID, gives the ids; NULL when there is none.
 * same may be NULL.
 */
OPK_MUST_USE enum opk_status opk_sidecar_make(const struct opk_sidecar_doc *doc,
                                              const struct opk_sidecar *old,
                                              const struct opk_sidecar_pair *same,
                                              struct opk_sidecar *out_sidecar, struct opk_err *err);

/** The block of an MFID, or NULL. */
const struct opk_block *opk_sidecar_find(const struct opk_sidecar *sidecar, struct opk_str mfid);

/* One block's new text, on the condition that its digest is the expected one. */
struct opk_sidecar_patch {
    struct opk_str mfid;
    struct opk_str expected; /* 32 digits */
    struct opk_str text;     /* line ends become those of the document */
};

/**
 * Append the document with one block replaced; the sidecar is that of the text. OPK_E_NOENT: no
 * such block; OPK_E_CONFLICT: it says something else by now; OPK_E_REFUSED: it is generated or
 * holds what is, or the new text would be no block, several blocks, or change another one.
 */
OPK_MUST_USE enum opk_status opk_sidecar_apply(const struct opk_sidecar_doc *doc,
                                               const struct opk_sidecar *sidecar,
                                               const struct opk_sidecar_patch *patch,
                                               struct opk_buf *out,
                                               struct opk_sidecar_pair *out_same,
                                               struct opk_err *err);

#endif
