/*
 * support.h - what the unit tests share: cmocka, and assertions on views that show both sides.
 */
#ifndef OPK_TESTS_SUPPORT_H
#define OPK_TESTS_SUPPORT_H

/* cmocka.h needs these before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/** Fail with both texts when they differ; name is the table row's. */
void opk_assert_str(const char *name, struct opk_str got, struct opk_str want);

/** Fail with the error's own words when status is not want. */
void opk_assert_status(const char *name, enum opk_status got, enum opk_status want,
                       const struct opk_err *err);

#endif
