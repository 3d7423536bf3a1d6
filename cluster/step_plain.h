/*
 * step_plain.h - command lines of plain words, without the lexer.
 *
 * Shape:   what the lexer and step.c would give for the line, or false: then they must read it.
 *          Lines of one simple command are taken, of unquoted words and of words that are one
 * quoted string without expansions; no wrapper, assignment or reserved word in front. Memory:  as
 * opk_steps_read; a lack of memory is false as well.
 */
#ifndef OPK_CLUSTER_STEP_PLAIN_H
#define OPK_CLUSTER_STEP_PLAIN_H

#include "cluster/step.h"

/** steps has been emptied. */
bool opk_steps_read_plain(struct opk_steps *steps, struct opk_str text);

#endif
