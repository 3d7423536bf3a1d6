#!/bin/sh
# transcripts.sh - the commands that opk finds in a fixture are exactly those that were typed.
#
# usage: transcripts.sh OPK NAME       (NAME as below fixtures/transcripts)
set -eu
fixtures=$(cd "$(dirname "$0")/../fixtures" && pwd)
found=$(mktemp)
trap 'rm -f "$found"' EXIT
"$1" commands --format lines "$fixtures/transcripts/$2" >"$found"
diff -u "$fixtures/commands/$2" "$found"
