#!/bin/sh
# check_timeouts.sh - every test has a TIMEOUT: a bare ctest waits 1,500 seconds on a hang.
#
# usage: check_timeouts.sh ROOT BUILD
set -eu
here=$(cd "$(dirname "$0")" && pwd)
ctest --test-dir "$2" --show-only=json-v1 >"$2/tests.json"
cmake -DTESTS="$2/tests.json" -P "$here/timeouts.cmake"
