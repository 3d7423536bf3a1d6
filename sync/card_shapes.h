/*
 * card_shapes.h - what a field may look like in the cards of every family.
 *
 * Shape:   rows for tables of fields (shape.h), and the tests that they are made of.
 * Memory:  static.
 */
#ifndef OPK_SYNC_CARD_SHAPES_H
#define OPK_SYNC_CARD_SHAPES_H

#include "sync/shape.h"

extern const struct opk_shape OPK_SHAPE_VERSION;    /* of the contract: 1 */
extern const struct opk_shape OPK_SHAPE_ULID;       /* 26 of Crockford's digits, the first 0-7 */
extern const struct opk_shape OPK_SHAPE_SEMVER;     /* x.y.z */
extern const struct opk_shape OPK_SHAPE_STATUS;     /* of a pattern or document */
extern const struct opk_shape OPK_SHAPE_PATTERN_ID; /* PAT-... */
extern const struct opk_shape OPK_SHAPE_WORD;       /* any text but the empty one */
extern const struct opk_shape OPK_SHAPE_TEXT;
extern const struct opk_shape OPK_SHAPE_TEXTS; /* a list of texts, none empty */
extern const struct opk_shape OPK_SHAPE_PATH;  /* below the repository's root */
extern const struct opk_shape OPK_SHAPE_LINKS; /* acceptance, delivers, evidence */

bool opk_fits_path(struct opk_str text);

/** Is it prefix and then one or more bytes that fit? */
bool opk_fits_prefixed(struct opk_str text, struct opk_str prefix, bool (*fits)(char c));

/** Bytes of keys (PAT_A_1) and of ids (PAT-A-1) behind their prefix. */
bool opk_is_key_byte(char c);
bool opk_is_id_byte(char c);

#endif
