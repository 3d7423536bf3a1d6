/*
 * canon.h - a raw shape as people see it: operation words, canonical shape, signature.
 *
 * Shape:   "git commit -m <text>": operation words; options by name, each with its value; operands
 *          in order, equal neighbours folded ("<path.c>..." with one ellipsis character);
 *          redirections. Simple commands of a pipeline are joined by " | ", a shown wrapper stands
 *          in front of its program. The signature is the operation words alone.
 * Secrets: what is not an operation word, a program's or an option's name is a class.
 * Memory:  appends to the caller's buffers, whose failure is sticky.
 */
#ifndef OPK_CLUSTER_CANON_H
#define OPK_CLUSTER_CANON_H

#include "base/buf.h"
#include "cluster/kind.h"
#include "cluster/learn.h"

/**
 * Append both texts. Returns the type of the kind. description may be NULL: for a step of one
 * simple command it gets what modes are learnt from (modes.h).
 */
enum opk_kind_type opk_canon_write(const struct opk_model *model, struct opk_str raw,
                                   struct opk_buf *signature, struct opk_buf *shape,
                                   struct opk_buf *description);

#endif
