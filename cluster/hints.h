/*
 * hints.h - small tables of facts that start the statistics where a log says little.
 *
 * Shape:   that the words behind "git" name operations weighs a fixed number of bits in learn.c,
 *          and a log overrules it; that those behind "cat" do not is taken as certain. The method
 *          does not rest on either: "opk classify --no-hints" does without them all.
 */
#ifndef OPK_CLUSTER_HINTS_H
#define OPK_CLUSTER_HINTS_H

#include "base/str.h"

/* How a word in a place is known to be used. */
enum opk_hint {
    OPK_HINT_NONE,
    OPK_HINT_OPERATION, /* the words behind "git" name operations */
    OPK_HINT_VALUE,     /* the words behind "cat" do not */
};

/** What is known of the words behind these operation words ("git", "docker compose"). */
enum opk_hint opk_hint_words(struct opk_str path);

/** Is this option of a program known to take its value from the next word? */
bool opk_hint_takes_value(struct opk_str program, struct opk_str option);

/** May this option stand between a program and its operation words (git -C, systemctl --user)? */
bool opk_hint_is_global(struct opk_str program, struct opk_str option);

/** May any option of this program? */
bool opk_hint_has_globals(struct opk_str program);

/** Does this option letter of a program have its value right behind it (mysql -pWORD)? */
bool opk_hint_attaches(struct opk_str program, char letter);

/** Do this program's short options stand in bundles (ls -la)? */
bool opk_hint_bundles(struct opk_str program);

/** The one spelling of an option that has several: "-m" for "--message" of "git commit". */
struct opk_str opk_hint_synonym(struct opk_str path, struct opk_str option);

/**
 * What an operation does with this option, as a part of an id (tar -x: "EXTRACT"); NULL when no
 * table knows. Such an option takes no value.
 */
const char *opk_hint_mode(struct opk_str operation, struct opk_str option);

/** Does a step of these operation words say nothing alone (cd, ls, clear)? */
bool opk_hint_is_noise(struct opk_str signature);

/**
 * The first command of a pipeline's operation words when all behind it only choose, order or count
 * lines ("ps" of "ps | grep | wc"); else empty.
 */
struct opk_str opk_hint_filtered(struct opk_str signature);

/** Is a step of these operation words run in passing, between any two others (cat, git status)? */
bool opk_hint_is_passing(struct opk_str signature);

#endif
