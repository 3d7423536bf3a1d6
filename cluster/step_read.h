/*
 * step_read.h - the two readers of a command line, for step_read.c and tests; others take step.h.
 *
 * Shape:   step_plain.c reads most lines in one pass, or gives up; step.c reads every text by the
 *          lexer. Where both read a text they read the same.
 * Memory:  as opk_steps_read.
 */
#ifndef OPK_CLUSTER_STEP_READ_H
#define OPK_CLUSTER_STEP_READ_H

#include "cluster/step.h"

/**
 * Read a text of bash without the lexer, or false: then it must be lexed. Taken are lists and
 * pipelines of simple commands on one line, whose words are unquoted or one quoted string without
 * expansions, with redirections to such words; no assignment or reserved word in front, no wrapper
 * but those that a command stands behind. A lack of memory is false as well.
 */
bool opk_steps_read_plain(struct opk_steps *steps, struct opk_str text, bool bare);

/** Read any text; bare: wrappers are left where they stand. OPK_E_NOMEM is the only error. */
OPK_MUST_USE enum opk_status opk_steps_read_lexed(struct opk_steps *steps, struct opk_str text,
                                                  enum opk_dialect dialect, bool bare,
                                                  struct opk_err *err);

#endif
