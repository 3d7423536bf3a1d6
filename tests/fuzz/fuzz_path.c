/* A path that is accepted names something below where one stands, by a plain reading of it. */
#include "fuzz.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

/* How deep the path ends, or -1 where it climbs out or stands still. */
static int depth_of(const char *path)
{
    int depth = 0;
    size_t len = strcspn(path, "/");

    while (len > 0) {
        if (strncmp(path, ".", len) == 0 || strncmp(path, "..", len) == 0 ||
            (len == 4 && strncmp(path, ".git", 4) == 0))
            return -1;
        depth++;
        path += len;
        path += *path == '/';
        len = strcspn(path, "/");
    }
    return *path ? -1 : depth;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct opk_str path = opk_str_bytes(data ? (const void *)data : "", size);
    struct opk_err err;

    if (opk_path_check(path, &err) != OPK_OK)
        return 0;
    char *text = calloc(1, size + 1);
    if (!text)
        return 0;
    memcpy(text, path.data, path.len);
    if (strlen(text) != size || depth_of(text) < 1)
        abort();
    free(text);
    return 0;
}
