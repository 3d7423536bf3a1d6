/*
 * front_matter.h - the YAML mapping at the head of a document.
 *
 * Shape:   a first line "---", lines of YAML, and a line "---" or "..." that ends them, within
 *          OPK_FRONT_MATTER_MAX bytes; a BOM may stand before, blanks behind the dashes.
 * Units:   what is found begins with the text, so that lines and spans in it are the document's.
 * Source:  the form of static site generators (Jekyll, "Front Matter").
 */
#ifndef OPK_SYNC_FRONT_MATTER_H
#define OPK_SYNC_FRONT_MATTER_H

#include "base/str.h"

#include <stddef.h>

#define OPK_FRONT_MATTER_MAX ((size_t)64 << 10)

enum opk_front_matter {
    OPK_FRONT_MATTER_NONE,
    OPK_FRONT_MATTER_OPEN, /* it begins so and does not end: it may be a rule across the page */
    OPK_FRONT_MATTER_FOUND,
};

/** When found, *out_head is a YAML document, the text up to the line that ends it; borrowed. */
enum opk_front_matter opk_front_matter_find(struct opk_str text, struct opk_str *out_head);

#endif
