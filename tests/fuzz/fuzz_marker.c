/* Replacing a section twice is replacing it once, and no byte outside of it changes. The first byte
 * picks the form of the markers, the second how much of the rest is the new content. */
#include "fuzz.h"

#include "sync/marker.h"

#include <stdlib.h>

/* A form of markers each; the seeds know the first two. */
static const char *const PATHS[] = {"spec.yaml", "doc.md", "run.ps1", "run.sh", "other"};

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void replace_one(struct opk_str text, const char *path, const struct opk_section *section,
                        struct opk_str said)
{
    const struct opk_section_content content = {section->id, said, false};
    struct opk_arena arena = {0};
    struct opk_buf once = OPK_BUF_EMPTY;
    struct opk_buf twice = OPK_BUF_EMPTY;
    struct opk_sections after;
    size_t tail = text.len - (section->has_sum ? section->tail.end : section->inside.end);

    if (opk_section_replace(text, path, &content, &once, NULL) == OPK_OK) {
        struct opk_str got = opk_buf_str(&once);
        check(got.len >= section->inside.begin + tail);
        check(opk_str_eq(opk_str_slice(got, 0, section->inside.begin),
                         opk_str_slice(text, 0, section->inside.begin)));
        check(opk_str_eq(opk_str_skip(got, got.len - tail), opk_str_skip(text, text.len - tail)));
        check(opk_sections_parse(got, path, &arena, &after, NULL) == OPK_OK);
        check(opk_sections_find(&after, section->id) != NULL);
        check(opk_section_replace(got, path, &content, &twice, NULL) == OPK_OK);
        check(opk_str_eq(got, opk_buf_str(&twice)));
    }
    opk_buf_done(&once);
    opk_buf_done(&twice);
    opk_arena_done(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_arena arena = {0};
    struct opk_sections sections;

    if (size < 2)
        return 0;
    const char *path = PATHS[data[0] % (sizeof(PATHS) / sizeof(PATHS[0]))];
    size_t cut = (size - 2) * data[1] / 256;
    struct opk_str content = opk_str_bytes(data + 2, cut);
    struct opk_str text = opk_str_bytes(data + 2 + cut, size - 2 - cut);
    if (opk_sections_parse(text, path, &arena, &sections, NULL) == OPK_OK) {
        for (size_t i = 0; i < sections.count; i++)
            replace_one(text, path, &sections.items[i], content);
    }
    opk_arena_done(&arena);
    return 0;
}
