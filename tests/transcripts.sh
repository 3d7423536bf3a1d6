#!/bin/sh
# transcripts.sh - the commands that opk finds in a fixture are exactly those that were typed.
#
# usage: transcripts.sh OPK NAME       (NAME as below fixtures/transcripts)
set -eu
fixtures=$(cd "$(dirname "$0")/../fixtures" && pwd)
found=$(mktemp)
trap 'rm -f "$found"' EXIT
if ! "$1" help commands >/dev/null 2>&1; then
    echo "skipped: opk has no verb 'commands'"
    exit 0
fi
"$1" commands --format lines "$fixtures/transcripts/$2" >"$found"
diff -u "$fixtures/commands/$2" "$found"
