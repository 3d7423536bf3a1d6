/*
 * items.h - raw shapes (cluster/shape.h) in tests: the items with a blank between them.
 */
#ifndef OPK_TESTS_ITEMS_H
#define OPK_TESTS_ITEMS_H

#include "base/str.h"

/** Fail when the items of a raw shape are others than "Pgit Wcommit O-m Cword" says. */
void opk_assert_items(const char *name, struct opk_str raw, const char *want);

#endif
