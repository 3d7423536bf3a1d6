/*
 * Whatever stands before it, a secret behind --password is never in the output, and redacting is
 * total: it never fails for what a text holds.
 */
#include "fuzz.h"

#include "cluster/redact.h"

#include <stdlib.h>
#include <string.h>

static const char PLANT[] = "\ncli login --password Zq7vPlanted9 --verbose\n";

static void redact(struct opk_redactor *redactor, struct opk_str text, struct opk_buf *out)
{
    struct opk_err err;

    if (opk_redact(redactor, text, out, NULL, &err) != OPK_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_redactor *redactor = NULL;
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_buf once = OPK_BUF_EMPTY;
    struct opk_redact_finding finding;

    if (opk_redactor_new(&redactor, NULL) != OPK_OK)
        return 0;
    opk_buf_append(&text, opk_str_bytes(data, size));
    opk_buf_append_cstr(&text, PLANT);
    redact(redactor, opk_buf_str(&text), &once);
    if (opk_str_find(opk_buf_str(&once), OPK_STR("Zq7vPlanted9"), 0) != OPK_NPOS)
        abort();
    if (opk_redact_scan(redactor, opk_str_bytes(data, size), &finding, NULL) == OPK_OK &&
        (finding.line == 0 || finding.column == 0))
        abort();
    opk_buf_done(&text);
    opk_buf_done(&once);
    opk_redactor_free(redactor);
    return 0;
}
