#!/bin/sh
# must_reject.sh - a check is worth what it rejects: run it over its bad examples.
#
# A bad example is a folder bad/<check>/<case>/: a small tree that breaks one rule, a file 'want'
# with the line that must be reported, and maybe a script 'prepare' that is run in a scratch copy.
# usage: must_reject.sh CHECK
set -eu
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0
count=0

for example in "$here/bad/$1"/*/; do
    name=$1/$(basename "$example")
    rm -rf "$scratch/tree"
    mkdir -p "$scratch/tree/build"
    cp -R "$example." "$scratch/tree"
    mv "$scratch/tree/want" "$scratch/want"
    if [ -f "$scratch/tree/prepare" ]; then
        (cd "$scratch/tree" && sh -eu ./prepare && rm prepare) >"$scratch/prepared" 2>&1 || {
            cat "$scratch/prepared"
            exit 1
        }
    fi
    if sh "$here/check_$1.sh" "$scratch/tree" "$scratch/tree/build" >"$scratch/said" 2>&1; then
        echo "$name: the check lets it pass"
        status=1
    elif ! grep -qF -f "$scratch/want" "$scratch/said"; then
        echo "$name: rejected, but not for this reason:"
        cat "$scratch/want" - "$scratch/said" <<END
the check said:
END
        status=1
    fi
    count=$((count + 1))
done
[ "$count" -gt 0 ] || {
    echo "$1: no bad example"
    status=1
}
exit "$status"
