#!/bin/sh
# memory.sh - what --memory allows is never passed, and whatever fits gives the same drafts.
#
# The kernel refuses what passes the limit (cluster/cmd_memory.h), so a run that succeeds has kept it.
# usage: memory.sh OPK
set -eu
opk=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

fail() {
    echo "memory.sh: $1" >&2
    cat err >&2
    exit 1
}

# same NAME OPTIONS... INPUTS...: the drafts are those in want.yaml.
same() {
    name=$1
    shift
    "$opk" discover --drafts got.yaml "$@" 2>err || fail "$name: failed"
    cmp want.yaml got.yaml || fail "$name: other drafts"
}

# Commands: many distinct shapes, more than fit without scratch files.
awk -v count=200000 -f "$here/../../bench/generate_commands.awk" >commands
"$opk" discover --jobs 1 --input-format commands --drafts want.yaml commands 2>err
for size in 16M 32M 64M; do
    same "commands in $size" --jobs 1 --memory "$size" --input-format commands commands
done
for size in 16M 24M 32M; do
    for jobs in 2 4; do
        same "commands, $jobs threads in $size" --jobs "$jobs" --memory "$size" --input-format commands commands
    done
done

# Lines without end, of the same few shapes: nothing grows.
awk 'NR <= 2000' commands >few
for times in 1 200; do
    awk -v times="$times" '{ line[NR] = $0 }
        END { for (i = 0; i < times; i++) for (k = 1; k <= NR; k++) print line[k] }' few |
        "$opk" discover --jobs 1 --memory 16M --input-format commands --drafts "few-$times.yaml" - \
            2>err || fail "few shapes, $times times: failed"
done
[ "$(grep -c '^  - id:' few-1.yaml)" -le "$(grep -c '^  - id:' few-200.yaml)" ] ||
    fail 'few shapes: drafts went missing'

# Sessions: ids of calls, strands and specimens.
# usage: sessions CALLS
sessions() {
    awk -v calls="$1" 'BEGIN {
        split("git status|git diff|pytest -q|make test|cargo build --release|npm run lint", line, "|")
        for (i = 0; i < calls; i++)
            printf "{\"type\":\"assistant\",\"sessionId\":\"s%d\",\"message\":{\"content\":[{\"type\":" \
                "\"tool_use\",\"id\":\"toolu_%08d\",\"name\":\"Bash\",\"input\":{\"command\":\"%s %d\"}}]}}\n",
                i / 100, i, line[i % 6 + 1], i % 7
    }'
}
sessions 40000 >sessions.jsonl
"$opk" discover --jobs 1 --drafts want.yaml sessions.jsonl 2>err
for size in 32M 64M; do
    same "sessions in $size" --jobs 1 --memory "$size" sessions.jsonl
done
# One compressed file of the same name: no thread reads ahead where there is a wall.
gzip -c sessions.jsonl >packed
mv packed sessions.jsonl
for jobs in 1 2 3; do
    same "compressed sessions, $jobs threads in 32M" --jobs "$jobs" --memory 32M sessions.jsonl
done

# What does not fit is told in one line, and the drafts stay as they were.
sessions 400000 >many.jsonl
code=0
"$opk" discover --jobs 1 --memory 16M --drafts want.yaml many.jsonl 2>err || code=$?
[ "$code" -eq 3 ] || fail "too many calls: exit $code"
[ "$(wc -l <err)" -eq 1 ] || fail 'too many calls: more than a line'
grep -q '^opk: --memory 16M does not hold what these inputs need .*: give more' err ||
    fail 'too many calls: other words'
cmp want.yaml got.yaml || fail 'too many calls: the drafts were touched'
