#!/bin/sh
# Run yaml-test-suite and compare what comes of it with yaml_suite.expected.
#
# usage: yaml_suite.sh [--update] PROGRAM SHARED
set -eu
update=
if [ "$1" = --update ]; then
    update=yes
    shift
fi
suite=${OPK_SHARED:-$2}/peers/yaml-test-suite.tar.zst
if [ ! -f "$suite" ]; then
    echo "skipped: no ../shared"
    exit 0
fi
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
zstd -dcq "$suite" | tar -xf - -C "$dir"
status=0
find "$dir" -name in.yaml | sed 's|/in[.]yaml$||' | LC_ALL=C sort >"$dir/folders"
# The suite's names have no blanks.
# shellcheck disable=SC2046
"$1" $(cat "$dir/folders") >"$dir/said" || status=$?
grep -A 999 'documents:' "$dir/said"
if [ -n "$update" ]; then
    cp "$dir/said" "$here/yaml_suite.expected"
    exit "$status"
fi
diff -u "$here/yaml_suite.expected" "$dir/said"
exit "$status"
