/*
 * fuzz.h - the one entry of every fuzz target, fuzz_<name>.c.
 *
 * In preset fuzz it is linked with libFuzzer; in every other preset with replay.c, which runs the
 * seeds in fixtures/fuzz/<name>/ as the ctest fuzz_<name>. A target asserts a property of what it
 * is given and calls abort() where that does not hold; it keeps nothing between calls.
 */
#ifndef OPK_TESTS_FUZZ_FUZZ_H
#define OPK_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
