#!/bin/sh
# sessions.sh - what 'opk discover' takes for agent sessions, beside 'zstd -dc' of the same file.
#
# Half a GB is generated (gen_sessions.c), packed with zstd -3, and read with one thread; the best
# of five runs counts, in processor seconds. Instructions are of a thirtieth of it.
# usage: sessions.sh OPK [MEGABYTES]
set -eu
opk=$1
megabytes=${2:-512}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# seconds COMMAND...: the least of five runs, user and system together.
seconds() {
    for _ in 1 2 3 4 5; do
        { LC_ALL=C bash -c 'TIMEFORMAT="%U %S"; time "$@" >/dev/null 2>&1' - "$@"; } 2>&1
    done | awk '{ t = $1 + $2; if (NR == 1 || t < least) least = t } END { print least }'
}

instructions() {
    valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null \
        --log-file="$scratch/log" "$@" >/dev/null 2>&1
    sed -n 's/,//g; s/.*I *refs: *//p' "$scratch/log"
}

cc -O2 -o "$scratch/gen" "$here/gen_sessions.c"
printf '%-14s %10s %10s %9s %9s %7s %12s\n' input bytes packed 'zstd -dc' discover 'MB/s' instructions
while read -r what size; do
    "$scratch/gen" "$megabytes" "$size" | zstd -q -3 -o "$scratch/$what.zst"
    "$scratch/gen" $((megabytes / 30 + 1)) "$size" | zstd -q -3 -o "$scratch/$what.part.zst"
    bytes=$(zstd -dc "$scratch/$what.zst" | wc -c)
    peer=$(seconds zstd -q -dc "$scratch/$what.zst")
    ours=$(seconds "$opk" discover --jobs 1 --drafts - "$scratch/$what.zst")
    ratio=$(echo "$(instructions "$opk" discover --jobs 1 --drafts - "$scratch/$what.part.zst")" \
        "$(instructions zstd -q -dc "$scratch/$what.part.zst")" | awk '{ printf "%.1f x", $1 / $2 }')
    echo "$what $bytes $(wc -c <"$scratch/$what.zst") $peer $ours $ratio" |
        awk '{ printf "%-14s %10d %10d %9.2f %9.2f %7d %10s x\n", $1, $2, $3, $4, $5, $2 / $5 / 1e6, $6 }'
done <<END
sessions 100
long-results 400
END
