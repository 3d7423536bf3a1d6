/*
 * changed.h - which fields of a document differ between two texts of it.
 *
 * Shape:   the texts before and after in, a JSON list out: [{"field", "old", "new"}], a field by
 *          its JSON Pointer, old absent for one that is new and new for one that is gone. Of
 *          Markdown the front matter is compared, of *.yaml, *.yml and *.json all.
 * Fields:  mappings are gone into, key by key in the order of their names. Of lists what stands
 *          alike at the beginning and at the end is passed over; of what is left items are paired
 *          by their place, and those that only one text has are told as new or gone, each with
 *          its number there. A mapping or a list that only one text has is told whole.
 *          Scalars differ when their texts or their kinds do: 1.10 is not 1.1, "1" is not 1.
 * Values:  as opk_json_node writes them.
 * Limits:  texts of at most OPK_CHANGED_BYTES_MAX bytes.
 * Errors:  OPK_END, and nothing is appended: the path is of another kind, or a text is too long or
 *          cannot be read as a file of opk's (yaml.h: no anchors, one document). OPK_E_NOMEM.
 */
#ifndef OPK_SYNC_CHANGED_H
#define OPK_SYNC_CHANGED_H

#include "base/buf.h"
#include "base/err.h"

#define OPK_CHANGED_BYTES_MAX ((size_t)1 << 20)

/* A document then and now; NULL: it was not there, or is gone. */
struct opk_changed_texts {
    const char *path; /* its ending says how it is read */
    const struct opk_str *old;
    const struct opk_str *now;
};

OPK_MUST_USE enum opk_status opk_changed_write(const struct opk_changed_texts *texts,
                                               struct opk_buf *out, struct opk_err *err);

#endif
