#!/bin/sh
# check_tidy.sh - clang-tidy-14 with .clang-tidy, over every source that BUILD compiles.
#
# usage: check_tidy.sh ROOT BUILD
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$2" && pwd)
cd "$1"
. "$here/sources.sh"
all_sources | grep '\.c$' | while read -r file; do
    grep -qF "/$file\"" "$build/compile_commands.json" && echo "$file"
done | xargs -n 4 -P "$(nproc)" clang-tidy-14 -p "$build" --quiet
