#!/bin/sh
# run.sh - what 'opk discover' costs beside 'zstd -dc' of the same file, in instructions.
#
# Instructions under valgrind's cachegrind do not move with the load of the machine; they do move
# with compiler and libraries. The inputs are generated, the same bytes everywhere.
# usage: run.sh OPK
set -eu
opk=$1
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

instructions() {
    valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null \
        --log-file="$scratch/log" "$@" >/dev/null 2>"$scratch/said" || {
        cat "$scratch/said"
        exit 1
    }
    sed -n 's/,//g; s/.*I *refs: *//p' "$scratch/log"
}

printf '%-10s %10s %10s %14s %14s %7s\n' input bytes packed 'zstd -dc' 'opk discover' ratio
while read -r what count; do
    log=$scratch/$what.log
    awk -v what="$what" -v count="$count" -f "$here/generate.awk" >"$log"
    zstd -q -19 "$log" -o "$log.zst"
    peer=$(instructions zstd -q -dc "$log.zst")
    ours=$(instructions "$opk" discover --jobs 1 "$log.zst")
    echo "$what $(wc -c <"$log") $(wc -c <"$log.zst") $peer $ours" |
        awk '{ printf "%-10s %10d %10d %14d %14d %7.1f\n", $1, $2, $3, $4, $5, $5 / $4 }'
done <<END
history 20000
capture 400
agent 20000
END
