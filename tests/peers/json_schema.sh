#!/bin/sh
# Run the JSON-Schema-Test-Suite of draft 2020-12: json_schema.sh PROGRAM SHARED
# The counts are pinned: all required tests, and the optional ones that are not about formats. What is
# missing of these are "dependencies" of draft-07, historic drafts and formats as assertions.
set -eu
suite=${OPK_SHARED:-$2}/peers/json-schema-test-suite.tar.zst
if [ ! -f "$suite" ]; then
    echo "skipped: no ../shared"
    exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
zstd -dcq "$suite" | tar -xf - -C "$dir"
"$1" "$dir/remotes" "$dir"/tests/draft2020-12/*.json >"$dir/said" || :
tail -n 1 "$dir/said"
grep -qx 'json-schema: 1299 of 1299' "$dir/said"
"$1" "$dir/remotes" "$dir"/tests/draft2020-12/optional/*.json >"$dir/said" || :
printf 'optional: '
tail -n 1 "$dir/said"
grep -qx 'json-schema: 145 of 162' "$dir/said"
