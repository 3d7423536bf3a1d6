#!/bin/sh
# run.sh - what 'opk discover' costs beside 'zstd -dc' of the same file, in instructions.
#
# Instructions under valgrind's cachegrind do not move with the load of the machine; they do move
# with compiler and libraries. The inputs are generated, the same bytes everywhere.
# The last column compares with the counts in baseline.tsv; --compare fails where one has grown by
# more than ALLOWED per cent, --baseline writes them anew.
# usage: run.sh [--compare|--baseline] OPK
set -eu
ALLOWED=5
mode=
case $1 in
--*)
    mode=$1
    shift
    ;;
esac
opk=$1
worse=
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

printf '%-10s %10s %10s %14s %14s %7s %9s\n' input bytes packed 'zstd -dc' 'opk discover' ratio baseline
while read -r what count format; do
    log=$scratch/$what.log
    if [ "$what" = commands ]; then
        awk -v count="$count" -f "$here/generate_commands.awk" >"$log"
    else
        awk -v what="$what" -v count="$count" -f "$here/generate.awk" >"$log"
    fi
    zstd -q -3 "$log" -o "$log.zst"
    peer=$(instructions zstd -q -dc "$log.zst")
    ours=$(instructions "$opk" discover --jobs 1 --drafts - ${format:+--input-format "$format"} "$log.zst")
    before=$(awk -v what="$what" '$1 == what { print $2 }' "$here/baseline.tsv")
    echo "$what $(wc -c <"$log") $(wc -c <"$log.zst") $peer $ours ${before:-$ours}" |
        awk '{ printf "%-10s %10d %10d %14d %14d %7.1f %+8.1f%%\n", $1, $2, $3, $4, $5, $5 / $4, ($5 / $6 - 1) * 100 }'
    printf '%s\t%s\n' "$what" "$ours" >>"$scratch/counts"
    [ "$ours" -le $((${before:-$ours} * (100 + ALLOWED) / 100)) ] || worse="$worse $what"
done <<END
commands 100000 commands
history 20000
capture 400
agent 20000
END
case $mode in
--baseline) cp "$scratch/counts" "$here/baseline.tsv" ;;
--compare) [ -z "$worse" ] || {
    echo "more than $ALLOWED % above the baseline:$worse" >&2
    exit 1
} ;;
esac
