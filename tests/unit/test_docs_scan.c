#include "support/support.h"
#include "support/temp.h"

#include "sync/docs_scan.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* What a scan finds, in a line each: "path doc_key" and "+ document of a sidecar". */
static enum opk_status scan(const struct opk_temp *temp, struct opk_buf *out, struct opk_err *err)
{
    struct opk_arena arena = {0};
    struct opk_scan found = {0};
    struct opk_files files;
    enum opk_status status;

    opk_assert_status("files", opk_files_new(&temp->root, &files, err), OPK_OK, err);
    status = opk_docs_scan(&files, &arena, &found, err);
    for (size_t i = 0; i < found.count; i++)
        opk_buf_printf(out, "%s:%llu %.*s\n", found.docs[i].path,
                       (unsigned long long)found.docs[i].place.line,
                       OPK_STR_FMT(found.docs[i].doc_key));
    for (size_t i = 0; i < found.sidecar_count && found.sidecar_count < 100; i++)
        opk_buf_printf(out, "+ %.*s\n", OPK_STR_FMT(found.sidecars[i]));
    opk_files_done(&files);
    opk_arena_done(&arena);
    return status;
}

static void test_found(void **state)
{
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_temp temp;
    struct opk_err err;

    (void)state;
    opk_temp_init(&temp);
    opk_temp_write(&temp, "b.md", "---\ntitle: b\ndoc_key: DOC_B\n---\n");
    opk_temp_write(&temp, "a/c.md", "---\ndoc_key: DOC_C\n---\n");
    opk_temp_write(&temp, "a/none.md", "---\ntitle: none\n---\n");
    opk_temp_write(&temp, "a/text.md", "doc_key: DOC_D\n");
    opk_temp_write(&temp, "a/open.md", "---\ndoc_key: DOC_D\n");
    opk_temp_write(&temp, "a/broken.md", "---\ndoc_key: [\n---\n");
    opk_temp_write(&temp, "a/e.txt", "---\ndoc_key: DOC_E\n---\n");
    opk_temp_write(&temp, ".f/g.md", "---\ndoc_key: DOC_G\n---\n");
    opk_temp_write(&temp, "b.md.sidecar.yaml", "");
    opk_temp_write(&temp, "a/x.yaml.sidecar.yaml", "");
    opk_temp_write(&temp, ".f/g.md.sidecar.yaml", "");
    opk_assert_status("scan", scan(&temp, &out, &err), OPK_OK, &err);
    opk_assert_str("found", opk_buf_str(&out),
                   OPK_STR("a/c.md:2 DOC_C\nb.md:3 DOC_B\n+ a/x.yaml\n+ b.md\n"));
    opk_buf_done(&out);
    opk_temp_done(&temp);
}

static void test_depth(void **state)
{
    (void)state;
    for (size_t more = 0; more <= 1; more++) {
        struct opk_buf path = OPK_BUF_EMPTY;
        struct opk_buf out = OPK_BUF_EMPTY;
        struct opk_temp temp;
        struct opk_err err;
        for (size_t i = 0; i < OPK_SCAN_DEPTH_MAX + more; i++)
            opk_buf_append_cstr(&path, "d/");
        opk_buf_append_cstr(&path, "a.md.sidecar.yaml");
        opk_temp_init(&temp);
        opk_temp_write(&temp, opk_buf_cstr(&path), "");
        opk_assert_status("depth", scan(&temp, &out, &err), more ? OPK_E_LIMIT : OPK_OK, &err);
        assert_int_equal(out.len > 0, more == 0);
        opk_temp_done(&temp);
        opk_buf_done(&path);
        opk_buf_done(&out);
    }
}

static void test_sidecars_limit(void **state)
{
    struct opk_buf out = OPK_BUF_EMPTY;
    struct opk_temp temp;
    struct opk_err err;

    (void)state;
    opk_temp_init(&temp);
    for (size_t i = 0; i <= OPK_SCAN_FILES_MAX; i++) {
        char name[64];
        if (i == OPK_SCAN_FILES_MAX)
            opk_assert_status("as many", scan(&temp, &out, &err), OPK_OK, &err);
        (void)snprintf(name, sizeof(name), "%zu.sidecar.yaml", i);
        int fd = open(opk_temp_path(&temp, name), O_CREAT | O_WRONLY, 0600);
        assert_true(fd >= 0);
        assert_int_equal(close(fd), 0);
    }
    opk_assert_status("one more", scan(&temp, &out, &err), OPK_E_LIMIT, &err);
    opk_assert_str("message", opk_str_of(err.message), OPK_STR("more than 100000 sidecars"));
    opk_buf_done(&out);
    opk_temp_done(&temp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_sidecars_limit),
    };

    return cmocka_run_group_tests_name("docs_scan", tests, NULL, NULL);
}
