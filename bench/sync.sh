#!/bin/sh
# sync.sh - what 'opk sync', 'guard' and 'tag' cost in a repository of many cards, beside a script of
# PyYAML.
#
# usage: sync.sh OPK [COUNT]
#
# Seconds of processor time and of the clock, the best of five runs each: they depend on the machine
# and on what else it does; the ratio to the peer in the same run does less so.
set -eu
opk=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
count=${2:-1000}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/opk-bench-XXXXXX")
trap 'rm -rf "$scratch"' EXIT
dir=$scratch/repo

# best LABEL COMMAND...: processor time and clock of the fastest of five runs; one that has findings (a
# change of many patterns) counts.
best() {
    label=$1
    shift
    : >"$scratch/times"
    for _ in 1 2 3 4 5; do
        bash -c 'TIMEFORMAT="%U %S %R"; time "$@" >/dev/null' best "$@" 2>>"$scratch/times" || [ $? -eq 1 ]
    done
    awk -v label="$label" '{ cpu = $1 + $2
        if (NR == 1 || cpu < least) least = cpu
        if (NR == 1 || $3 < clock) clock = $3 }
        END { printf "%-44s %8.3f %8.3f\n", label, least, clock }' "$scratch/times"
}

sh "$here/cards.sh" "$opk" "$dir" "$count"
key=PAT_BENCH_$(printf %04d $((count / 2)))
printf '%-44s %8s %8s\n' "$count cards, seconds" processor clock
best 'opk sync --all --check' "$opk" sync --all --check --root "$dir"
best "opk sync $key --check" "$opk" sync "$key" --check --root "$dir"
best "opk sync $key, in step" "$opk" sync "$key" --root "$dir"
best 'opk guard' "$opk" guard --root "$dir"
if command -v git >/dev/null; then
    # One pattern in forty changes: its card, its spec and two of its documents.
    export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
    git -C "$dir" init -q -b main
    git -C "$dir" add -A
    git -C "$dir" commit -qm one
    awk 'FNR == 1 && ++files % 40 == 0 { print FILENAME }' "$dir"/ids/patterns/cards/*.yaml |
        xargs sed -i 's/^semver: .*/semver: 1.0.1/; s/^summary: .*/summary: another/'
    "$opk" sync --all --root "$dir" >/dev/null
    best "opk guard --base, $(git -C "$dir" status --short | wc -l) changed files" "$opk" guard --base HEAD \
        --root "$dir"
    git -C "$dir" commit -qam two
    best 'opk tag --dry-run' "$opk" tag --dry-run --root "$dir"
fi
if python3 -c 'import yaml' 2>/dev/null; then
    best 'PyYAML (libyaml), all cards' python3 "$here/sync_peer.py" "$dir"
    best 'PyYAML (libyaml), one card' python3 "$here/sync_peer.py" "$dir" "$key"
fi
