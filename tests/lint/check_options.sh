#!/bin/sh
# check_options.sh - option tables are sorted; man page and completion are what they say.
#
# usage: check_options.sh ROOT BUILD
set -eu
root=$1
opk=$2/opk
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0

for verb in $("$opk" help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
    "$opk" "$verb" --help | sed -n 's/^  [ -].[, ] --\([a-z-]*\).*/\1/p' >"$scratch/options"
    if ! LC_ALL=C sort -c "$scratch/options" 2>/dev/null; then
        echo "opk $verb: the option table is not sorted by name"
        status=1
    fi
done
# same FILE COMMAND...: FILE is what the command prints.
same() {
    file=$1
    shift
    "$opk" "$@" >"$scratch/printed"
    cmp -s "$scratch/printed" "$root/$file" && return 0
    echo "$file is not what 'opk $*' prints; write it again"
    status=1
}
same docs/man/opk.1 help --man
same packaging/opk.bash completion bash
exit "$status"
