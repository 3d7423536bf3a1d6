/*
 * spec_io.h - what a pattern takes and gives: the inputs and outputs of its spec, with the types of
 * its schema.
 *
 * Shape:   a spec and a JSON Schema, both as values, in; a list of {name, type, required,
 *          description} out, in the spec's order. A spec lists inputs as "name: text", as
 *          "name: {description, type, required}", or as a list of names or of mappings with a name;
 *          "is" and "summary" stand for description. An input's type is that of the schema's
 *          property of its name, below properties/inputs, $defs/inputs (or input) or at the top; an
 *          output's, below outputs (or output). The spec's own type comes second, "any" last.
 * Memory:  the list lies in the arena, texts too or in the values.
 * Errors:  none but the arena's; what is not understood is left out or "any".
 */
#ifndef OPK_SYNC_SPEC_IO_H
#define OPK_SYNC_SPEC_IO_H

#include "base/template.h"

#define OPK_SPEC_IO_REFS_MAX 16 /* references followed from one schema to the next */

enum opk_spec_io {
    OPK_SPEC_INPUTS,
    OPK_SPEC_OUTPUTS,
};

struct opk_tval opk_spec_io(struct opk_arena *arena, enum opk_spec_io which,
                            const struct opk_tval *spec, const struct opk_tval *schema);

#endif
