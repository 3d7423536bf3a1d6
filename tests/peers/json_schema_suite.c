/*
 * json_schema_suite.c - run the JSON-Schema-Test-Suite, which others wrote, against base/schema.h.
 *
 *     json_schema_suite REMOTES FILE...
 *
 * REMOTES is the suite's folder of that name, whose files stand for http://localhost:1234/; each
 * FILE is one of its test files. A line a test that went wrong, then a line of counts.
 */
#include "base/file.h"
#include "base/json.h"
#include "base/schema.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX    ((size_t)1 << 20)
#define REMOTES_MAX 256
#define PATH_LEN    1024
#define NAME_LEN    512

struct remote {
    char uri[PATH_LEN];
    struct opk_doc doc;
};

static struct remote *remotes;
static size_t remote_count;

static bool read_json(const char *path, struct opk_doc *doc)
{
    struct opk_buf text = OPK_BUF_EMPTY;
    struct opk_err err;
    FILE *file = fopen(path, "rb");
    char bytes[4096];
    size_t len;

    if (!file)
        return false;
    while ((len = fread(bytes, 1, sizeof(bytes), file)) > 0 && text.len < FILE_MAX)
        opk_buf_append(&text, opk_str_bytes(bytes, len));
    (void)fclose(file);
    bool read = opk_json_parse(opk_buf_str(&text), path, doc, &err) == OPK_OK;
    if (!read)
        (void)fprintf(stderr, "%s: %s\n", path, err.message);
    opk_buf_done(&text);
    return read;
}

/* The suite's folders are three levels deep. */
static void read_remotes(const char *folder, const char *below, unsigned depth)
{
    char path[PATH_LEN];
    DIR *dir;
    struct dirent *entry;

    (void)snprintf(path, sizeof(path), "%s/%s", folder, below);
    dir = opendir(path);
    while (dir && (entry = readdir(dir)) != NULL) {
        char name[NAME_LEN];
        if (entry->d_name[0] == '.')
            continue;
        int len = snprintf(name, sizeof(name), "%s%s%s", below, below[0] ? "/" : "", entry->d_name);
        int path_len = snprintf(path, sizeof(path), "%s/%s", folder, name);
        if (len >= NAME_LEN || path_len >= PATH_LEN)
            continue;
        struct remote *remote = &remotes[remote_count];
        if (!strstr(name, ".json") && depth > 0)
            read_remotes(folder, name, depth - 1);
        else if (remote_count < REMOTES_MAX && read_json(path, &remote->doc)) {
            (void)snprintf(remote->uri, sizeof(remote->uri), "http://localhost:1234/%s", name);
            remote_count++;
        }
    }
    if (dir)
        (void)closedir(dir);
}

/* 1 right, 0 wrong, for every test of a group. */
static void run_group(const char *file, const struct opk_node *group, size_t *right, size_t *wrong)
{
    struct opk_schema_set *set = NULL;
    const struct opk_schema *schema = NULL;
    struct opk_err err = {0};
    enum opk_status status = opk_schema_set_new(&set, &err);

    for (size_t i = 0; i < remote_count && status == OPK_OK; i++) {
        const struct opk_node *root = remotes[i].doc.root;
        if (root->kind == OPK_NODE_MAP || root->kind == OPK_NODE_BOOL)
            status = opk_schema_set_add(set, opk_str_of(remotes[i].uri), root, "r", &err);
    }
    if (status == OPK_OK)
        status = opk_schema_set_add(set, OPK_STR("test:schema"), opk_node_get(group, "schema"), "s",
                                    &err);
    if (status == OPK_OK)
        status = opk_schema_find(set, OPK_STR("test:schema"), &schema, &err);
    const struct opk_node *tests = opk_node_get(group, "tests");
    for (const struct opk_node *test = tests->first; test; test = test->next) {
        struct opk_schema_report report = {0};
        enum opk_status ran = status;
        if (ran == OPK_OK)
            ran = opk_schema_check(set, schema, opk_node_get(test, "data"), &report, &err);
        bool valid = report.count == 0;
        if (ran == OPK_OK && valid == opk_node_get(test, "valid")->truth) {
            ++*right;
        } else {
            ++*wrong;
            (void)printf("%s: %s: %s: %s\n", file, opk_node_get(group, "description")->text.data,
                         opk_node_get(test, "description")->text.data,
                         ran == OPK_OK ? "the other answer" : err.message);
        }
        opk_schema_report_done(&report);
    }
    opk_schema_set_free(set);
}

int main(int argc, char **argv)
{
    size_t right = 0;
    size_t wrong = 0;

    if (argc < 3)
        return 2;
    remotes = calloc(REMOTES_MAX + 1, sizeof(*remotes));
    if (!remotes)
        return 2;
    read_remotes(argv[1], "", 3);
    for (int i = 2; i < argc; i++) {
        struct opk_doc doc = {0};
        if (!read_json(argv[i], &doc))
            continue;
        for (const struct opk_node *group = doc.root->first; group; group = group->next)
            run_group(argv[i], group, &right, &wrong);
        opk_doc_done(&doc);
    }
    (void)printf("json-schema: %zu of %zu\n", right, right + wrong);
    for (size_t i = 0; i < remote_count; i++)
        opk_doc_done(&remotes[i].doc);
    free(remotes);
    return wrong > 0;
}
