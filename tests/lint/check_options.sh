#!/bin/sh
# check_options.sh - option tables are sorted, and the man page is what they say.
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
"$opk" help --man >"$scratch/opk.1"
if ! cmp -s "$scratch/opk.1" "$root/docs/man/opk.1"; then
    echo "docs/man/opk.1 is not what 'opk help --man' prints; write it again"
    status=1
fi
exit "$status"
