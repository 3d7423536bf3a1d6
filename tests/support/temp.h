/*
 * temp.h - a scratch folder for one test, and short ways to fill it and look at it.
 *
 * Memory:  a folder's path is in the struct; contents read are the caller's buffer.
 * Errors:  whatever fails here fails the test.
 */
#ifndef OPK_TESTS_TEMP_H
#define OPK_TESTS_TEMP_H

#include "base/file.h"

struct opk_temp {
    char path[256];
    struct opk_root root;
};

/** A new, empty folder under TMPDIR or /tmp. */
void opk_temp_init(struct opk_temp *temp);

/** Remove it with all it holds. */
void opk_temp_done(struct opk_temp *temp);

/** "folder/name", valid until the next call but three. */
const char *opk_temp_path(const struct opk_temp *temp, const char *name);

/** Write a file as any other program would; the folders that it needs are made. */
void opk_temp_write(const struct opk_temp *temp, const char *name, const char *contents);

/** Fail unless the file holds exactly this; NULL: unless it does not exist. */
void opk_temp_expect(const struct opk_temp *temp, const char *name, const char *contents);

/** Fail unless the folder's names, each with a newline behind, are these. */
void opk_temp_expect_list(const struct opk_temp *temp, const char *folder, const char *names);

#endif
