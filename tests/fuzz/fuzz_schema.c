/*
 * Whatever a schema and a document are, checking ends, and checking again tells the same errors.
 * The schema stands before the first NUL byte, the document behind it.
 */
#include "base/schema.h"
#include "base/yaml.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 2048

static const struct opk_yaml_limits LIMITS = {.bytes = TEXT_MAX};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum opk_status check(const struct opk_node *schema_root, const struct opk_node *instance,
                             struct opk_schema_report *report)
{
    struct opk_schema_set *set = NULL;
    const struct opk_schema *schema = NULL;
    enum opk_status status = opk_schema_set_new(&set, NULL);

    if (status == OPK_OK)
        status = opk_schema_set_add(set, OPK_STR("fuzz:schema"), schema_root, "fuzz", NULL);
    if (status == OPK_OK)
        status = opk_schema_find(set, OPK_STR("fuzz:schema"), &schema, NULL);
    if (status == OPK_OK)
        status = opk_schema_check(set, schema, instance, report, NULL);
    opk_schema_set_free(set);
    return status;
}

static bool same(const struct opk_schema_report *a, const struct opk_schema_report *b)
{
    if (a->count != b->count || a->omitted != b->omitted)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (a->errors[i].line != b->errors[i].line ||
            !opk_str_eq(a->errors[i].pointer, b->errors[i].pointer) ||
            !opk_str_eq(a->errors[i].message, b->errors[i].message))
            return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_str text = opk_str_bytes(data, size);
    size_t nul = opk_str_find_byte(text, '\0', 0);
    struct opk_doc schema = {0};
    struct opk_doc instance = {0};
    struct opk_schema_report first = {0};
    struct opk_schema_report again = {0};

    if (size > TEXT_MAX || nul == OPK_NPOS)
        return 0;
    if (opk_yaml_parse(opk_str_slice(text, 0, nul), "s", LIMITS, &schema, NULL) == OPK_OK &&
        opk_yaml_parse(opk_str_skip(text, nul + 1), "i", LIMITS, &instance, NULL) == OPK_OK &&
        schema.root && instance.root) {
        enum opk_status status = check(schema.root, instance.root, &first);
        if (check(schema.root, instance.root, &again) != status || !same(&first, &again))
            abort();
    }
    opk_schema_report_done(&first);
    opk_schema_report_done(&again);
    opk_doc_done(&schema);
    opk_doc_done(&instance);
    return 0;
}
