#!/bin/sh
# check_readme.sh - every folder has a README with a line for each of its files.
#
# A C module is named as `arena`, arena.h or arena.c, anything else by its name.
# usage: check_readme.sh ROOT
set -eu
cd "$1"

report=$(for folder in base ingest cluster promote sync schemas bench docs packaging tests \
    tests/support tests/lint; do
    [ -d "$folder" ] || continue
    if [ ! -f "$folder/README.md" ]; then
        echo "$folder: no README.md"
        continue
    fi
    find "$folder" -mindepth 1 -maxdepth 1 ! -name README.md | LC_ALL=C sort | while read -r path; do
        name=${path##*/}
        stem=${name%.[ch]}
        [ "$stem" = "$name" ] || name="${stem}[.][{ch]"
        grep -qE "(^|[^A-Za-z0-9_])$name|\`($stem|$name/)\`" "$folder/README.md" ||
            echo "$folder/README.md: no line for \`$stem\`"
    done | uniq
done)
[ -z "$report" ] || {
    printf '%s\n' "$report"
    exit 1
}
