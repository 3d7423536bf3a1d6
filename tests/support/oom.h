/*
 * oom.h - let every allocation of a piece of code fail, one after the other.
 *
 * Shape:   a subject is a function that does its whole work and frees everything. It is run with
 *          allocation 1 failing, then 2, and so on, until a run asks for fewer; first with that one
 *          failing alone, then with all behind it failing as well.
 * Promise: each run returns OPK_E_NOMEM and says so, or OPK_OK where the allocation could be done
 *          without; leaks are found by the sanitizer at the end of the program.
 * Linking: the program is linked with --wrap=malloc,calloc,realloc (tests/CMakeLists.txt); the
 *          allocations of shared libraries do not pass through here.
 */
#ifndef OPK_TESTS_OOM_H
#define OPK_TESTS_OOM_H

#include "base/err.h"

/** Fails the test when the promise is broken. */
void opk_oom_each(const char *name, enum opk_status (*subject)(void *context, struct opk_err *err),
                  void *context);

#endif
