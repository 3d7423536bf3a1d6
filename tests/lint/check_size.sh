#!/bin/sh
# check_size.sh - a file of more than 800 lines wants splitting by idea.
#
# usage: check_size.sh ROOT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
. "$here/sources.sh"

report "$( (all_sources; find dev tests fixtures/record -name '*.sh' -o -name '*.py' -o -name dev) 2>/dev/null |
    while read -r file; do
        lines=$(wc -l <"$file")
        [ "$lines" -le 800 ] || echo "$file: $lines lines; more than 800 want splitting by idea"
    done)"
