#!/bin/sh
# million.sh - a million shell commands: 'opk discover' beside 'zstd -dc' of the same file, in seconds.
#
# Every figure is the least of several runs, one beside the other; memory is the most. Times move with
# the load of the machine, ratios less so. Where pdbtool is installed (Debian: syslog-ng-core), a miner
# of log templates reads the same lines, unpacked. Then the finish step alone, over 100,000 raw shapes.
# usage: [RUNS=5] million.sh BUILD   (the folder that has opk, bench_measure and bench_cluster)
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

awk -v count=1000000 -f "$here/generate_commands.awk" >"$scratch/commands"
zstd -q -3 "$scratch/commands" -o "$scratch/commands.zst"
printf '1,000,000 commands, %d bytes, %d distinct, packed %d\n' "$(wc -c <"$scratch/commands")" \
    "$(sort -u "$scratch/commands" | wc -l)" "$(wc -c <"$scratch/commands.zst")"
printf '%-24s %10s %10s %8s %8s\n' '' processor clock ratio KiB

# LABEL JOBS COMMAND...; with one job the ratio is that of processor time, else that of the clock.
row() {
    label=$1
    jobs=$2
    shift 2
    "$build/bench_measure" "${RUNS:-5}" "$@" >"$scratch/row"
    [ -e "$scratch/peer" ] || cp "$scratch/row" "$scratch/peer"
    cat "$scratch/peer" "$scratch/row" | awk -v label="$label" -v jobs="$jobs" '
        NR == 1 { processor = $1; clock = $2 }
        NR == 2 { printf "%-24s %8.3f s %8.3f s %8.1f %8d\n", label, $1, $2, jobs == 1 ? $1 / processor : $2 / clock, $3 }'
}
discover() {
    row "opk discover --jobs $1" "$1" "$build/opk" discover --jobs "$1" --input-format commands \
        --drafts "$scratch/drafts.yaml" "$scratch/commands.zst"
}
row 'zstd -dc' 1 zstd -q -dc "$scratch/commands.zst"
discover 1
discover 2
if command -v pdbtool >/dev/null; then
    row 'pdbtool patternize' 1 pdbtool patternize --no-parse --support=1 --file="$scratch/commands"
fi
"$build/bench_cluster" "$scratch/commands" 100000 |
    awk '{ printf "%d raw shapes become %d kinds in %.3f s\n", $1, $2, $3 }'
