#!/bin/sh
# check_leftovers.sh - no marker of unfinished work, no commented-out line of code.
#
# usage: check_leftovers.sh ROOT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
. "$here/sources.sh"

markers=$(find . \( -name build -o -name .git -o -path ./tests/lint \) -prune -o -type f -print |
    LC_ALL=C sort | xargs grep -nIE '\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b' /dev/null |
    sed 's/$/ : finish it or open an issue/') || :
# shellcheck disable=SC2046
code=$(grep -nE '^[ \t]*(//|/\*).*;[ \t]*(\*/)?$' $(all_sources) /dev/null |
    sed 's/$/ : code in a comment; git remembers it/') || :

report "$markers$code"
