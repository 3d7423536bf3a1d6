#!/bin/sh
# short.sh - reads and writes that are cut short change nothing: a case run by opk_short ends as one
# run by opk.
#
# usage: short.sh CASE PROGRAM SHORT_PROGRAM
set -eu
case_file=$1
whole=$2
short=$3
work=$(mktemp -d "${TMPDIR:-/tmp}/opk-short-XXXXXX")
trap 'rm -rf "$work"' EXIT
# shellcheck source=/dev/null
. "$case_file"
for program in "$whole" "$short"; do
    # The case files use it.
    # shellcheck disable=SC2034
    tree=$work/tree
    mkdir "$tree"
    setup
    run >/dev/null
    mv "$tree" "$work/$(basename "$program")"
done
diff -r -x lock "$work/$(basename "$whole")" "$work/$(basename "$short")"
echo 'short reads and writes end the same'
