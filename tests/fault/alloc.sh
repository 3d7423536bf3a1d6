#!/bin/sh
# alloc.sh - let each allocation of a command fail, one run an allocation, and see that opk survives.
#
# Every run either succeeds (what was asked for could be done without) or says in one line that
# there is no memory and exits as a failure; never a crash, a leak under a sanitizer, or silence.
#
# usage: alloc.sh OPK_ALLOC CASE...
#
# OPK_ALLOC is opk linked with fail_alloc.c; a CASE is a shell file that runs "$opk" on a scratch
# folder's files, one after the other; their allocations are counted through. At most POINTS allocations are tried, spread over all of them; OPK_FAULT_EVERY=1
# in the environment tries every one.
set -eu

POINTS=200
opk=$(realpath "$1")
export opk
shift
scratch=$(mktemp -d "${TMPDIR:-/tmp}/opk-alloc-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
FIXTURES=$(cd "$(dirname "$0")/../../fixtures" && pwd)
export FIXTURES
broken=0

# run CASE N: in an empty folder; allocation N fails, 0 for none.
run() {
    rm -rf "$scratch/at" "$scratch/count"
    mkdir "$scratch/at"
    (cd "$scratch/at" && OPK_FAIL_ALLOC=$2 OPK_ALLOC_COUNT=$scratch/count sh -eu "$1") \
        >"$scratch/stdout" 2>"$scratch/stderr" </dev/null
}

complain() {
    broken=$((broken + 1))
    echo "$(basename "$case" .case): allocation $number of $count: $1"
    head -n 20 "$scratch/stderr"
}

for case in "$@"; do
    case=$(realpath "$case")
    number=0
    count=0
    if ! run "$case" 0; then
        complain 'fails when nothing is broken'
        continue
    fi
    cp "$scratch/stdout" "$scratch/whole"
    count=$(cat "$scratch/count")
    step=${OPK_FAULT_EVERY:-$((count / POINTS + 1))}
    number=1
    while [ "$number" -le "$count" ]; do
        status=0
        run "$case" "$number" || status=$?
        if grep -q 'Sanitizer' "$scratch/stderr"; then
            complain 'a sanitizer found something'
        elif [ "$status" -eq 0 ]; then
            cmp -s "$scratch/stdout" "$scratch/whole" || grep -q 'memory' "$scratch/stderr" ||
                complain 'ends well with something missing, and does not say so'
        elif [ "$status" -ge 70 ] && [ "$status" -ne 70 ]; then
            complain "ends with status $status"
        elif ! grep -q '^opk: .*memory' "$scratch/stderr"; then
            complain "fails with status $status and does not name memory"
        fi
        number=$((number + step))
    done
done
[ "$broken" -eq 0 ]
