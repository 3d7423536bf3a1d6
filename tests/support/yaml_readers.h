/*
 * yaml_readers.h - does the reader of plain YAML read what libyaml reads?
 *
 * Shape:   a text; when the plain reader takes it, libyaml must take it too, and both trees must be
 *          equal: kinds, styles, spans, places, texts, numbers.
 */
#ifndef OPK_TESTS_YAML_READERS_H
#define OPK_TESTS_YAML_READERS_H

#include "base/str.h"

enum opk_yaml_readers {
    OPK_YAML_READERS_LEFT, /* the plain reader left it to libyaml */
    OPK_YAML_READERS_SAME,
    OPK_YAML_READERS_DIFFER,
};

enum opk_yaml_readers opk_yaml_readers_compare(struct opk_str text);

#endif
