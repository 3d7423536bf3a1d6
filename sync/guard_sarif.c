/* SARIF 2.1.0: one run, every rule, a result a finding. */
#include "sync/guard_print.h"

#include "base/hash.h"
#include "base/json.h"

#include <string.h>

#define SCHEMA_URI                                                                                 \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

static void put(struct opk_json_writer *json, const char *key, const char *text)
{
    opk_json_key(json, key);
    opk_json_string(json, opk_str_of(text));
}

/* A message or a description is an object with a text. */
static void put_text(struct opk_json_writer *json, const char *key, const char *text)
{
    opk_json_key(json, key);
    opk_json_open(json, '{');
    put(json, "text", text);
    opk_json_close(json, '}');
}

static void put_rule(struct opk_json_writer *json, const struct opk_guard_rule *rule)
{
    opk_json_open(json, '{');
    put(json, "id", rule->id);
    put_text(json, "shortDescription", rule->name);
    put_text(json, "fullDescription", rule->why);
    put_text(json, "help", rule->fix);
    opk_json_key(json, "defaultConfiguration");
    opk_json_open(json, '{');
    put(json, "level", opk_severity_name(rule->severity));
    opk_json_close(json, '}');
    opk_json_close(json, '}');
}

static void put_driver(struct opk_json_writer *json, const char *version)
{
    const struct opk_guard_rule *rule;

    opk_json_key(json, "tool");
    opk_json_open(json, '{');
    opk_json_key(json, "driver");
    opk_json_open(json, '{');
    put(json, "name", "opk");
    put(json, "semanticVersion", version);
    opk_json_key(json, "rules");
    opk_json_open(json, '[');
    for (size_t i = 0; (rule = opk_guard_rule_at(i)) != NULL; i++)
        put_rule(json, rule);
    opk_json_close(json, ']');
    opk_json_close(json, '}');
    opk_json_close(json, '}');
}

/* A path as a relative reference (RFC 3986): what is not unreserved is written as %XX. */
static void put_uri(struct opk_json_writer *json, const char *path)
{
    struct opk_buf uri = OPK_BUF_EMPTY;

    for (const char *at = path; *at; at++) {
        if (opk_is_alnum(*at) || strchr("-._~/", *at))
            opk_buf_append_byte(&uri, *at);
        else
            opk_buf_printf(&uri, "%%%02X", (unsigned)(unsigned char)*at);
    }
    opk_json_key(json, "uri");
    opk_json_string(json, opk_buf_str(&uri));
    json->out->failed = json->out->failed || uri.failed;
    opk_buf_done(&uri);
}

static void put_location(struct opk_json_writer *json, struct opk_repo *repo,
                         const struct opk_err *err)
{
    opk_json_key(json, "locations");
    opk_json_open(json, '[');
    opk_json_open(json, '{');
    opk_json_key(json, "physicalLocation");
    opk_json_open(json, '{');
    opk_json_key(json, "artifactLocation");
    opk_json_open(json, '{');
    put_uri(json, err->path);
    put(json, "uriBaseId", "%SRCROOT%");
    opk_json_close(json, '}');
    if (err->line > 0) {
        uint64_t column = opk_guard_column(repo, err);
        opk_json_key(json, "region");
        opk_json_open(json, '{');
        opk_json_key(json, "startLine");
        opk_json_number(json, (int64_t)err->line);
        if (column > 0) {
            opk_json_key(json, "startColumn");
            opk_json_number(json, (int64_t)column);
        }
        opk_json_close(json, '}');
    }
    opk_json_close(json, '}');
    opk_json_close(json, '}');
    opk_json_close(json, ']');
}

/* What stays the same when lines move. */
static void put_fingerprint(struct opk_json_writer *json, const struct opk_finding *finding)
{
    struct opk_buf key = OPK_BUF_EMPTY;
    char digits[OPK_HASH128_TEXT];

    opk_buf_printf(&key, "%s\n%s\n%s", finding->rule->id, finding->err.path, finding->err.message);
    opk_hash128_text(opk_hash128(opk_buf_str(&key)), digits);
    opk_json_key(json, "partialFingerprints");
    opk_json_open(json, '{');
    put(json, "opkFinding/v1", digits);
    opk_json_close(json, '}');
    json->out->failed = json->out->failed || key.failed;
    opk_buf_done(&key);
}

static void put_suppression(struct opk_json_writer *json, struct opk_str why)
{
    opk_json_key(json, "suppressions");
    opk_json_open(json, '[');
    if (why.len > 0) {
        opk_json_open(json, '{');
        put(json, "kind", "external");
        opk_json_key(json, "justification");
        opk_json_string(json, why);
        opk_json_close(json, '}');
    }
    opk_json_close(json, ']');
}

static void put_result(struct opk_json_writer *json, struct opk_repo *repo,
                       const struct opk_finding *finding)
{
    size_t index = 0;

    while (opk_guard_rule_at(index) != finding->rule)
        index++;
    opk_json_open(json, '{');
    put(json, "ruleId", finding->rule->id);
    opk_json_key(json, "ruleIndex");
    opk_json_number(json, (int64_t)index);
    put(json, "level", opk_severity_name(finding->severity));
    put_text(json, "message", finding->err.message);
    if (finding->err.path[0])
        put_location(json, repo, &finding->err);
    put_fingerprint(json, finding);
    put_suppression(json, finding->excused);
    opk_json_close(json, '}');
}

void opk_guard_print_sarif(const struct opk_guard_report *report, struct opk_buf *out)
{
    struct opk_json_writer json = OPK_JSON_WRITER(out);

    opk_json_open(&json, '{');
    put(&json, "$schema", SCHEMA_URI);
    put(&json, "version", "2.1.0");
    opk_json_key(&json, "runs");
    opk_json_open(&json, '[');
    opk_json_open(&json, '{');
    put_driver(&json, report->version);
    put(&json, "columnKind", "unicodeCodePoints");
    opk_json_key(&json, "results");
    opk_json_open(&json, '[');
    for (size_t i = 0; i < report->findings->count; i++)
        put_result(&json, report->repo, &report->findings->items[i]);
    opk_json_close(&json, ']');
    opk_json_close(&json, '}');
    opk_json_close(&json, ']');
    opk_json_close(&json, '}');
    opk_buf_append_byte(out, '\n');
}
