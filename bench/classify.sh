#!/bin/sh
# classify.sh - what 'opk classify' costs with 5,000 registered kinds.
#
# Prints the instructions of 'opk classify' beside those of 'zstd -dc' of the same commands, which
# repeat to the last digits, and the processor seconds of both, which do not: a rate is only told
# for the machine as it is at that moment.
# usage: classify.sh OPK [COMMANDS]
set -eu
opk=$1
count=${2:-1000000}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Kinds that match what the generator writes, and many that do not.
awk 'BEGIN {
    print "operation_kinds:"
    split("git docker kubectl tar grep curl pytest npm cargo make", programs, " ")
    for (n = 1; n <= 5000; n++) {
        pattern = programs[1 + n % 10] " verb" n
        if (n <= 7) {
            split("git commit,git switch,pytest,docker build,kubectl logs,tar,curl", real, ",")
            pattern = real[n]
        }
        printf "  - {id: OPK-KIND-%d, name: kind, status: active, matches: [\"%s …\"]}\n", n, pattern
    }
}' >"$scratch/registry.yaml"

# commands N FILE: N commands, packed.
commands() {
    awk -v what=history -v count="$1" -f "$here/generate.awk" | grep -v '^#' | zstd -q -3 >"$2"
}

instructions() {
    valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null \
        --log-file="$scratch/log" "$@" >/dev/null
    sed -n 's/,//g; s/.*I *refs: *//p' "$scratch/log"
}

# seconds COMMAND...: processor seconds, the least of three runs.
seconds() {
    for _ in 1 2 3; do
        (
            "$@" >/dev/null
            times
        ) | tail -n 1
    done | awk '{
        split($1, user, /[ms]/); split($2, system_time, /[ms]/)
        total = user[1] * 60 + user[2] + system_time[1] * 60 + system_time[2]
        if (NR == 1 || total < least) least = total
    } END { print least }'
}

classify() {
    "$1" "$opk" classify --input-format commands --registry "$scratch/registry.yaml" "$2"
}

commands 100000 "$scratch/counted.zst"
commands "$count" "$scratch/timed.zst"
echo "$(instructions zstd -q -dc "$scratch/counted.zst") $(classify instructions "$scratch/counted.zst")" |
    awk '{ printf "100000 commands: zstd -dc %d instructions, opk classify %d, %.1f times\n", $1, $2, $2 / $1 }'
echo "$(seconds zstd -q -dc "$scratch/timed.zst") $(classify seconds "$scratch/timed.zst")" |
    awk -v count="$count" '{
        printf "%d commands: zstd -dc %.2f s, opk classify %.2f s, %d commands a second\n", count, $1, $2, count / $2
    }'
zstd -dc "$scratch/timed.zst" | sort -u | wc -l | sed 's/ *$/ distinct lines/'
