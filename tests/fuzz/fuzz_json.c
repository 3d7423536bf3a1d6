/* What the JSON reader takes, the writer writes so that it reads the same; skipping agrees with
 * reading. */
#include "fuzz.h"

#include "base/json.h"

#include <stdlib.h>

/* Copy a text through reader and writer; the status is the reader's. */
static enum opk_status copy(struct opk_str text, struct opk_buf *out)
{
    struct opk_json_writer writer = OPK_JSON_WRITER(out);
    struct opk_json json;
    enum opk_status status;

    opk_json_init(&json, text);
    while ((status = opk_json_next(&json, NULL)) == OPK_OK) {
        switch (json.token) {
        case OPK_JSON_OBJECT:
        case OPK_JSON_ARRAY:
            opk_json_open(&writer, json.token == OPK_JSON_OBJECT ? '{' : '[');
            break;
        case OPK_JSON_OBJECT_END:
        case OPK_JSON_ARRAY_END:
            opk_json_close(&writer, json.token == OPK_JSON_OBJECT_END ? '}' : ']');
            break;
        case OPK_JSON_KEY:
            opk_json_string(&writer, json.value);
            opk_buf_append_byte(out, ':');
            writer.comma = false;
            break;
        case OPK_JSON_STRING:
            opk_json_string(&writer, json.value);
            break;
        case OPK_JSON_NUMBER:
            opk_json_raw(&writer, json.value);
            break;
        case OPK_JSON_TRUE:
        case OPK_JSON_FALSE:
            opk_json_bool(&writer, json.token == OPK_JSON_TRUE);
            break;
        case OPK_JSON_NULL:
            opk_json_null(&writer);
            break;
        }
    }
    opk_json_done(&json);
    return status;
}

static bool skips(struct opk_str text)
{
    struct opk_json json;
    enum opk_status status;

    opk_json_init(&json, text);
    status = opk_json_skip(&json, NULL, NULL);
    if (status == OPK_OK)
        status = opk_json_next(&json, NULL);
    opk_json_done(&json);
    return status == OPK_END;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_str text = opk_str_bytes(data ? (const void *)data : "", size);
    struct opk_buf once = OPK_BUF_EMPTY;
    struct opk_buf twice = OPK_BUF_EMPTY;
    struct opk_doc doc;
    bool is_json = copy(text, &once) == OPK_END;

    if (is_json != skips(text))
        abort();
    enum opk_status parsed = opk_json_parse(text, NULL, &doc, NULL);
    if ((parsed == OPK_OK) != is_json)
        abort();
    if (parsed == OPK_OK)
        opk_arena_done(&doc.arena);
    if (is_json && (copy(opk_buf_str(&once), &twice) != OPK_END ||
                    !opk_str_eq(opk_buf_str(&once), opk_buf_str(&twice))))
        abort();
    opk_buf_done(&once);
    opk_buf_done(&twice);
    return 0;
}
