/*
 * Whatever a document is, an edit changes what was asked for and nothing else, or is refused; and
 * no edit leaves every byte as it was.
 */
#include "support/yaml_property.h"

#include <stdio.h>
#include <stdlib.h>

#define TEXT_MAX 1024 /* every node is edited in four ways: more text would only be slow */

static const char *const NEW_TEXTS[] = {"new", "1.0", "a: b # c", "two\nlines\n", "'", ""};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_unedited(struct opk_str text)
{
    const struct opk_yaml_limits limits = {.bytes = TEXT_MAX, .allow_foreign = true};
    struct opk_yaml_edit *edit = NULL;
    struct opk_buf now = OPK_BUF_EMPTY;

    if (opk_yaml_edit_new(text, "fuzz", limits, &edit, NULL) != OPK_OK)
        return;
    if (opk_yaml_edit_finish(edit, &now, NULL) != OPK_OK || !opk_str_eq(opk_buf_str(&now), text))
        abort();
    opk_yaml_edit_free(edit);
    opk_buf_done(&now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_yaml_property result = {0};

    if (size == 0 || size > TEXT_MAX)
        return 0;
    const char *new_text = NEW_TEXTS[data[0] % (sizeof(NEW_TEXTS) / sizeof(NEW_TEXTS[0]))];
    struct opk_str text = opk_str_bytes(data + 1, size - 1);
    check_unedited(text);
    opk_yaml_property_check(text, opk_str_of(new_text), &result);
    if (result.message.len > 0) {
        (void)fprintf(stderr, "%s\n", opk_buf_cstr(&result.message));
        abort();
    }
    opk_buf_done(&result.message);
    opk_buf_done(&result.reasons);
    return 0;
}
